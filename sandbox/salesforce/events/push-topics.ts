import type { Db } from '../../database.ts';
import { maybeActiveUser } from '../context.ts';
import type { Context, Org } from '../context.ts';
import { isId } from '../records/ids.ts';
import { runQuery } from '../soql/query.ts';
import { without } from '../../without.ts';
import type { Message, Staged } from './changes.ts';
import { objectOfTopic } from './selection.ts';
import type { PushTopic } from './selection.ts';

interface Given {
  topics: readonly PushTopic[];
  staged: readonly Staged[];
  at: Date;
}

const types: Partial<Record<Staged['change'], string>> = {
  CREATE: 'created',
  UPDATE: 'updated',
  DELETE: 'deleted',
  UNDELETE: 'undeleted',
};

/** The messages of PushTopics whose queries find the changed records. */
export async function topicMessages(
  org: Org,
  db: Db,
  { topics, staged, at }: Given,
): Promise<Message[]> {
  const messages: Message[] = [];
  for (const topic of topics) {
    const object = org.catalog.find(objectOfTopic(topic))?.name;
    const told = staged.filter((one) => one.sobject === object && isTold(topic, one));
    if (told.length > 0) messages.push(...(await messagesOf(org, db, { topic, told, at })));
  }
  return messages;
} // prettier-ignore

function isTold({ query, changes, notifyForFields }: PushTopic, { change, fields }: Staged): boolean {
  if (!changes.includes(change)) return false;
  if (change !== 'UPDATE' || notifyForFields === 'All') return true;
  const [, selected = '', condition = ''] = /select\s(.*?)\sfrom\s+\w+(.*)$/is.exec(query) ?? [];
  const text = { Select: selected, Where: condition }[notifyForFields] ?? `${selected} ${condition}`;
  const named = new Set(text.toLowerCase().match(/\w+/g));
  return Object.keys(fields).some((name) => named.has(name.toLowerCase()));
}

async function messagesOf(
  org: Org,
  db: Db,
  { topic, told, at }: { topic: PushTopic; told: Staged[]; at: Date },
): Promise<Message[]> {
  const user = await maybeActiveUser(org, topic.ownerId);
  if (!user) return [];
  const ctx = { org, db, user, apiVersion: 60, client: '', origin: '', headers: {} };
  const found = await recordsOf(ctx, topic.query, [...new Set(told.map(({ recordId }) => recordId))]);
  return told.flatMap(({ change, recordId }) => {
    const record = found.get(recordId);
    if (!record) return [];
    const sobject = change === 'DELETE' ? { Id: recordId } : record;
    const event = { createdDate: at.toISOString(), type: types[change] };
    return [{ topic: `/topic/${topic.name}`, message: { event, sobject }, recordIds: [] }];
  });
}

const TOGETHER = 500;

async function recordsOf(ctx: Context, query: string, ids: string[]): Promise<Map<string, object>> {
  const found = new Map<string, object>();
  for (let start = 0; start < ids.length; start += TOGETHER) {
    const some = ids.slice(start, start + TOGETHER).filter(isId);
    const { records } = await runQuery(ctx, among(query, some), { all: true });
    for (const record of records) found.set(String(record.Id), asMessage(without(record, 'attributes')));
  }
  return found;
}

/** The query, of these records alone. */
function among(query: string, ids: string[]): string {
  const condition = `Id IN (${ids.map((id) => `'${id}'`).join()})`;
  const [, head = query, where] = /^(.*?)\swhere\s(.*)$/is.exec(query) ?? [];
  return where === undefined ? `${query} WHERE ${condition}` : `${head} WHERE (${where}) AND ${condition}`;
}

const asMessage = (record: Record<string, unknown>): object =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name,
      typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*\+0000$/.test(value)
        ? value.replace('+0000', 'Z')
        : value,
    ]),
  );
