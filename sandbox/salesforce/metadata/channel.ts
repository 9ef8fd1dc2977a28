import { asList, asObject, asText } from '../soap/envelope.ts';
import { keepComponent } from './store.ts';

import type { Context } from '../context.ts';
import type { Component } from './archive.ts';
import type { Outlook } from './kinds.ts';
import type { Applied } from './store.ts';

/** What Salesforce would say against a channel of events. */
export function channelProblem({ fullName, metadata = {} }: Component): string | undefined {
  if (asText(metadata.label) === undefined) return 'Required field is missing: label';
  if (!fullName.endsWith('__chn'))
    return `Invalid channel name: ${fullName}. A custom channel ends in __chn.`;
  const type = asText(metadata.channelType);
  return type === 'data' || type === 'event'
    ? undefined
    : `'${type ?? ''}' is not a valid value for the enum 'PlatformEventChannelType'`;
}

/** What Salesforce would say against the choice of an entity for a channel. */
export function memberProblem({ metadata = {} }: Component, outlook: Outlook): string | undefined {
  const channel = asText(metadata.eventChannel);
  if (channel === undefined) return 'Required field is missing: eventChannel';
  const entity = asText(metadata.selectedEntity);
  if (entity === undefined) return 'Required field is missing: selectedEntity';
  const object = objectOfEvents(entity);
  if (object === undefined ? !entity.endsWith('__e') : !outlook.isObject(object))
    return `The selected entity, ${entity}, can't be found.`;
  if (object !== undefined && withoutEvents.has(object))
    return `The selected entity, ${entity}, isn't available for Change Data Capture.`;
  return enrichmentProblem(asList(metadata.enrichedFields), object, outlook);
}

/** `AccountChangeEvent` → `Account`, `License__ChangeEvent` → `License__c`; undefined for what carries no changes. */
export function objectOfEvents(entity: string): string | undefined {
  const [, custom] = /^(\w+)__ChangeEvent$/.exec(entity) ?? [];
  if (custom !== undefined) return `${custom}__c`;
  return /^(\w+)ChangeEvent$/.exec(entity)?.[1];
}

/** Objects whose changes Salesforce does not tell. */
const withoutEvents = new Set([
  'AccountContactRelation', 'AccountContactRole', 'CaseHistory', 'ContentVersion', 'ContentDocument', 'ContentDocumentLink',
  'Attachment', 'FieldPermissions', 'ObjectPermissions', 'Organization', 'PermissionSet', 'PermissionSetAssignment',
  'Profile', 'QueueSobject', 'GroupMember', 'UserRole', 'OpportunityHistory', 'CaseComment', 'Note',
]); // prettier-ignore

function enrichmentProblem(
  fields: unknown[],
  object: string | undefined,
  outlook: Outlook,
): string | undefined {
  const bad = fields
    .map((each) => asText(asObject(each).name) ?? '')
    .find((name) => object === undefined || !outlook.isField(object, name));
  return bad === undefined
    ? undefined
    : `The enriched field, ${bad}, doesn't exist on ${object ?? 'this event'}.`;
}

/** Keeps a channel. */
export const applyChannel = (ctx: Context, component: Component): Promise<Applied> =>
  keepComponent(ctx, component);

/** Keeps the choice, unless the channel is not there or has that entity already under another name. */
export async function applyMember(ctx: Context, component: Component): Promise<Applied> {
  const { metadata = {}, fullName } = component;
  const channel = asText(metadata.eventChannel) ?? '';
  const entity = asText(metadata.selectedEntity) ?? '';
  const { rows } = await ctx.db.query(
    `select full_name as "fullName", type from _component
      where (type = 'PlatformEventChannel' and full_name = $1)
         or (type = 'PlatformEventChannelMember' and metadata ->> 'eventChannel' = $1 and metadata ->> 'selectedEntity' = $2)`,
    [channel, entity],
  );
  const known = rows as { fullName: string; type: string }[];
  if (channel !== 'ChangeEvents' && !known.some((each) => each.type === 'PlatformEventChannel'))
    throw new Error(`In field: eventChannel - no PlatformEventChannel named ${channel} found`);
  if (known.some((each) => each.type === 'PlatformEventChannelMember' && each.fullName !== fullName))
    throw new Error(`The selected entity, ${entity}, is already a member of the channel ${channel}.`);
  return keepComponent(ctx, component);
}
