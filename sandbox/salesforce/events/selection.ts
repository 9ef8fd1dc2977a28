import { quote, transaction } from '../../database.ts';
import type { Db, Pool } from '../../database.ts';
import type { Catalog } from '../schema/catalog.ts';
import { asList, asText } from '../soap/envelope.ts';
import { sobjectOfChangeEvent } from './entities.ts';
import { platformEventTriggers, recordTriggers } from './tables.ts';

/** An entity that a channel carries: a PlatformEventChannelMember. */
export interface Member {
  /** `ChangeEvents`, or `Sales__chn`. */
  channel: string;
  /** The object whose changes it carries, or the platform event `X__e`. */
  sobject: string;
  /** Fields that its messages carry whether or not they changed. */
  enrichedFields: string[];
}

/** A PushTopic that notifies. */
export interface PushTopic {
  name: string;
  query: string;
  notifyForFields: string;
  /** Kinds of change that it tells of: CREATE, UPDATE … */
  changes: string[];
  /** Whose eyes it looks through. */
  ownerId: string;
}

/** Who wants to hear of what. */
export interface Selection {
  members: Member[];
  /** Names of custom channels, in lower case. */
  channels: Set<string>;
  topics: PushTopic[];
  /** Channels of generic streaming, `/u/…`. */
  streams: Set<string>;
}

export const emptySelection: Selection = { members: [], channels: new Set(), topics: [], streams: new Set() };

/** Reads what is selected from deployed channels and their members, and from PushTopics. */
export async function readSelection(db: Db, catalog: Catalog): Promise<Selection> {
  const { rows } = await db.query(
    `select type, full_name as name, metadata from _component
      where type in ('PlatformEventChannel', 'PlatformEventChannelMember') order by full_name`,
  );
  const kept = rows as { type: string; name: string; metadata: Record<string, unknown> | null }[];
  const members = kept
    .filter(({ type }) => type === 'PlatformEventChannelMember')
    .flatMap(({ metadata }) => memberOf(catalog, metadata ?? {}) ?? []);
  const channels = kept.filter(({ type }) => type === 'PlatformEventChannel');
  return {
    members,
    channels: new Set(channels.map(({ name }) => name.toLowerCase())),
    topics: await readTopics(db, catalog),
    streams: await readStreams(db, catalog),
  };
}

function memberOf(catalog: Catalog, metadata: Record<string, unknown>): Member | undefined {
  const entity = asText(metadata.selectedEntity) ?? '';
  const sobject = entity.endsWith('__e') ? catalog.find(entity) : sobjectOfChangeEvent(catalog, entity);
  if (!sobject) return undefined;
  const enriched = asList(metadata.enrichedFields).map((each) =>
    typeof each === 'string' ? each : (asText((each as Record<string, unknown>).name) ?? ''),
  );
  return {
    channel: asText(metadata.eventChannel) ?? 'ChangeEvents',
    sobject: sobject.name,
    enrichedFields: enriched.flatMap((name) => sobject.field(name)?.name ?? []),
  };
}

async function readTopics(db: Db, catalog: Catalog): Promise<PushTopic[]> {
  if (!catalog.find('PushTopic')) return [];
  const { rows } = await db.query(
    `select "Name" as name, "Query" as query, coalesce("NotifyForFields", 'Referenced') as "notifyForFields",
            "CreatedById" as "ownerId",
            array_remove(array[case when "NotifyForOperationCreate" then 'CREATE' end, case when "NotifyForOperationUpdate" then 'UPDATE' end,
              case when "NotifyForOperationDelete" then 'DELETE' end, case when "NotifyForOperationUndelete" then 'UNDELETE' end], null) as changes
       from "PushTopic" where "IsActive" and not "IsDeleted"`,
  );
  return rows as PushTopic[];
}

async function readStreams(db: Db, catalog: Catalog): Promise<Set<string>> {
  if (!catalog.find('StreamingChannel')) return new Set();
  const { rows } = await db.query('select "Name" as name from "StreamingChannel" where not "IsDeleted"');
  return new Set((rows as { name: string }[]).map(({ name }) => name));
}

/** The object that a PushTopic's query reads. */
export const objectOfTopic = ({ query }: Pick<PushTopic, 'query'>): string =>
  /\bfrom\s+(\w+)/i.exec(query)?.[1] ?? '';

/** Sets triggers where somebody wants to hear of changes, and takes them away where nobody does. */
export async function setTriggers(pool: Pool, catalog: Catalog, selection: Selection): Promise<void> {
  const named = [
    ...selection.members.map(({ sobject }) => sobject),
    ...selection.topics.map(objectOfTopic),
    ...catalog.objects().flatMap(({ name }) => (name.endsWith('__e') ? [name] : [])),
  ];
  const wanted = new Set(named.flatMap((name) => catalog.find(name)?.name ?? []));
  await transaction(pool, async (tx) => {
    const { rows } = await tx.query(
      `select distinct c.relname as name, t.tgname as trigger from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = 'sandbox'::regnamespace and t.tgname like '\\_stage\\_%'`,
    );
    const present = rows as { name: string; trigger: string }[];
    for (const { name, trigger } of present)
      if (!wanted.has(name)) await tx.query(`drop trigger ${trigger} on ${quote(name)}`);
    for (const name of wanted)
      if (!present.some((each) => each.name === name))
        for (const statement of triggersOf(name)) await tx.query(statement);
  });
}

const triggersOf = (name: string): string[] =>
  name.endsWith('__e') ? platformEventTriggers(quote(name)) : recordTriggers(quote(name));
