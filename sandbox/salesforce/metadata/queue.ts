import { insertAsSystem } from '../records/system.ts';
import { asList, asObject, asText } from '../soap/envelope.ts';
import { keepComponent } from './store.ts';

import type { Context } from '../context.ts';
import type { Component } from './archive.ts';
import type { Applied } from './store.ts';

/** What Salesforce would say against a queue. */
export const queueProblem = ({ metadata = {} }: Component): string | undefined =>
  asText(metadata.name) === undefined ? 'Required field is missing: name' : undefined;

/** Makes a queue, or changes which objects' records it takes. */
export async function applyQueue(ctx: Context, component: Component): Promise<Applied> {
  const { fullName, metadata = {} } = component;
  const id = await groupOf(ctx, fullName, {
    Name: asText(metadata.name) ?? fullName,
    Email: asText(metadata.email) ?? null,
    DoesSendEmailToMembers: asText(metadata.doesSendEmailToMembers) === 'true',
  });
  const objects = asList(metadata.queueSobject).map((each) => asText(asObject(each).sobjectType) ?? '');
  const unknown = objects.find((name) => !ctx.org.catalog.find(name)?.field('OwnerId'));
  if (unknown !== undefined) throw new Error(`${unknown} cannot be owned by a queue`);
  await ctx.db.query('delete from "QueueSobject" where "QueueId" = $1', [id]);
  await insertAsSystem(
    ctx,
    'QueueSobject',
    objects.map((SobjectType) => ({ QueueId: id, SobjectType })),
  );
  return keepComponent(ctx, component, id);
}

interface Group {
  Name: string;
  Email: string | null;
  DoesSendEmailToMembers: boolean;
}

async function groupOf(ctx: Context, developerName: string, group: Group): Promise<string> {
  const find = async () => {
    const { rows } = await ctx.db.query(
      `select "Id" as id from "Group" where "DeveloperName" = $1 and "Type" = 'Queue'`,
      [developerName],
    );
    return (rows as { id: string }[])[0]?.id;
  };
  const known = await find();
  if (known === undefined)
    await insertAsSystem(ctx, 'Group', [{ ...group, DeveloperName: developerName, Type: 'Queue' }]);
  else
    await ctx.db.query(
      'update "Group" set "Name" = $2, "Email" = $3, "DoesSendEmailToMembers" = $4 where "Id" = $1',
      [known, group.Name, group.Email, group.DoesSendEmailToMembers],
    );
  return known ?? (await find()) ?? '';
}

/** Ends a queue. */
export async function removeQueue(ctx: Context, fullName: string): Promise<undefined> {
  await ctx.db.query(
    `delete from "QueueSobject" where "QueueId" in (select "Id" from "Group" where "DeveloperName" = $1 and "Type" = 'Queue')`,
    [fullName],
  );
  await ctx.db.query(`delete from "Group" where "DeveloperName" = $1 and "Type" = 'Queue'`, [fullName]);
}
