import { quote } from '../../database.ts';
import type { Db } from '../../database.ts';
import type { Catalog } from '../schema/catalog.ts';
import type { Message } from './changes.ts';
import { changeEventOf } from './entities.ts';
import { bodyOf } from './payload.ts';
import type { Values } from './payload.ts';
import type { Member } from './selection.ts';

/** What a message carries on one channel beyond what it carries everywhere. */
export type Enriched = Record<string, Values>;

/** Looks up the enriched fields of messages, for each channel that asks for some. In the order of the messages. */
export async function enrich(
  db: Db,
  { catalog, members }: { catalog: Catalog; members: readonly Member[] },
  messages: readonly Message[],
): Promise<(Enriched | null)[]> {
  const found: (Enriched | null)[] = messages.map(() => null);
  for (const { sobject: name, channel, enrichedFields } of members) {
    const sobject = catalog.find(name);
    if (!sobject || enrichedFields.length === 0) continue;
    const topic = changeEventOf(name);
    const asked = messages.map((message, at) => ({ message, at })).filter(({ message }) => message.topic === topic && isEnriched(message)); // prettier-ignore
    const ids = asked.flatMap(({ message }) => message.recordIds);
    if (ids.length === 0) continue;
    const { rows } = await db.query(
      `select "Id" as id, to_jsonb(t) as row from ${quote(name)} t where "Id" = any($1::text[])`,
      [ids],
    );
    const byId = new Map((rows as { id: string; row: Values }[]).map(({ id, row }) => [id, row]));
    for (const { message, at } of asked) {
      const row = byId.get(message.recordIds[0] ?? '');
      const values = Object.fromEntries(enrichedFields.map((field) => [field, row?.[field] ?? null]));
      if (row) found[at] = { ...found[at], [channel]: bodyOf(sobject, values) };
    }
  }
  return found;
}

/** Creating and undeleting tell every value anyway. */
function isEnriched({ message }: Message): boolean {
  const { ChangeEventHeader: header } = (message.payload ?? {}) as {
    ChangeEventHeader?: { changeType: string };
  };
  return header?.changeType === 'UPDATE' || header?.changeType === 'DELETE';
}
