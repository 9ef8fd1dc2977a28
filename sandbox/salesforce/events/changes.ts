import type { Catalog, SObject } from '../schema/catalog.ts';
import { changeEventOf } from './entities.ts';
import { bodyOf, commitNumber, fieldNames, schemaId, transactionKey } from './payload.ts';
import type { Values } from './payload.ts';

/** A change that triggers noted and that has been committed. */
export interface Staged {
  tx: string;
  sobject: string;
  /** `BEYOND`: more than a transaction is told of one by one. */
  change: 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE' | 'PUBLISH' | 'BEYOND';
  recordId: string;
  fields: Values;
  origin: string;
  userId: string;
}

/** One message of an event channel, before it has a replay id. */
export interface Message {
  /** `AccountChangeEvent`, `/topic/X`, `Order__e` … */
  topic: string;
  /** What stands under `data`, without the replay id. */
  message: { schema?: string; payload?: unknown; event?: Values; [further: string]: unknown };
  /** The records that it tells of; several for the same change of each. */
  recordIds: string[];
}

interface Told {
  orgId: string;
  catalog: Catalog;
  at: Date;
  /** So many changes of a transaction are told; of the rest only that there were some. */
  overflowAt: number;
  /** Objects whose records are told of one by one, since their messages carry values of each. */
  enriched: ReadonlySet<string>;
}

/** The record id of an event that names none. */
const noRecord = '000000000000000AAA';

/** The change events of one transaction: a record's own changes together, the same change of several records as one. */
export function changeEvents(told: Told, staged: readonly Staged[]): Message[] {
  const [first] = staged;
  if (!first) return [];
  const { regular, beyond } = split(told, together(staged));
  const header = (entry: Staged, sequence: number) => headerOf(told, entry, sequence);
  const merged = mergeSame(told, regular);
  const events = merged.map(({ entry, sobject, recordIds }, at) =>
    eventOf(sobject, recordIds, {
      header: { ...header(entry, at + 1), changeType: entry.change, changedFields: changedFields(sobject, entry) },
      body: entry.change === 'DELETE' ? {} : bodyOf(sobject, entry.fields),
    }),
  ); // prettier-ignore
  const overflows = [...new Set(beyond.map(({ sobject }) => sobject))].flatMap((name, at) => {
    const sobject = told.catalog.find(name);
    const entry = { ...first, sobject: name };
    const gap = { ...header(entry, merged.length + at + 1), changeType: 'GAP_OVERFLOW', changedFields: [] };
    return sobject ? [eventOf(sobject, [noRecord], { header: gap, body: {} })] : [];
  });
  return [...events, ...overflows];
}

/** A gap event: something happened to these records that the header alone tells of. */
export function gapEvent(
  told: Told,
  { sobject, changeType, recordIds, tx }: { sobject: SObject; changeType: string; recordIds: string[]; tx: string },
): Message {
  const entry: Staged = { tx, sobject: sobject.name, change: 'UPDATE', recordId: '', fields: {}, origin: '', userId: '' };
  const header = { ...headerOf(told, entry, 1), changeType, changedFields: [] };
  return eventOf(sobject, recordIds.length > 0 ? recordIds : [noRecord], { header, body: {} });
} // prettier-ignore

/** What one transaction did to one record is told once, with the values it ended with. */
function together(staged: readonly Staged[]): Staged[] {
  const entries: Staged[] = [];
  const open = new Map<string, Staged>();
  for (const one of staged) {
    const known = open.get(one.recordId);
    if (known && one.change === 'UPDATE') known.fields = { ...known.fields, ...one.fields };
    else {
      const entry = { ...one };
      entries.push(entry);
      if (one.change === 'DELETE') open.delete(one.recordId);
      else open.set(one.recordId, entry);
    }
  }
  return entries;
}

/** Creating, deleting and undeleting count as one change each, an update as many as it changes fields. */
function split(
  { catalog, overflowAt }: Told,
  entries: readonly Staged[],
): { regular: Staged[]; beyond: Staged[] } {
  const regular: Staged[] = [];
  const beyond: Staged[] = [];
  let count = 0;
  for (const entry of entries) {
    const sobject = catalog.find(entry.sobject);
    if (!sobject) continue;
    const changed = entry.change === 'UPDATE' ? fieldNames(sobject, entry.fields).filter(isOwn) : undefined;
    count += changed?.length ?? 1;
    (count > overflowAt || entry.change === 'BEYOND' ? beyond : regular).push(entry);
  }
  return { regular, beyond };
}

const isOwn = (name: string): boolean => !name.startsWith('LastModified');

interface Merged {
  entry: Staged;
  sobject: SObject;
  recordIds: string[];
}

function mergeSame({ catalog, enriched }: Told, entries: readonly Staged[]): Merged[] {
  const merged: Merged[] = [];
  const same = new Map<string, Merged>();
  for (const entry of entries) {
    const sobject = catalog.find(entry.sobject);
    if (!sobject || isNothing(sobject, entry)) continue;
    const key = enriched.has(sobject.name) ? undefined : keyOf(sobject, entry);
    const known = key === undefined ? undefined : same.get(key);
    if (known) known.recordIds.push(entry.recordId);
    else {
      const one = { entry, sobject, recordIds: [entry.recordId] };
      merged.push(one);
      if (key !== undefined) same.set(key, one);
    }
  }
  return merged;
}

/** An update of nothing that events carry. */
const isNothing = (sobject: SObject, { change, fields }: Staged): boolean =>
  change === 'UPDATE' && fieldNames(sobject, fields).length === 0;

function keyOf(sobject: SObject, { change, fields }: Staged): string | undefined {
  if (change === 'DELETE') return `${sobject.name} DELETE`;
  return change === 'UPDATE' ? `${sobject.name} ${JSON.stringify(bodyOf(sobject, fields))}` : undefined;
}

const changedFields = (sobject: SObject, { change, fields }: Staged): string[] =>
  change === 'UPDATE' ? fieldNames(sobject, fields) : [];

function headerOf({ orgId, at }: Told, { tx, sobject, origin, userId }: Staged, sequenceNumber: number): Values {
  return {
    commitNumber: commitNumber(tx),
    commitUser: userId,
    sequenceNumber,
    entityName: sobject,
    changeOrigin: origin,
    transactionKey: transactionKey(orgId, tx),
    commitTimestamp: Math.floor(at.getTime() / 1000) * 1000,
  };
} // prettier-ignore

function eventOf(
  sobject: SObject,
  recordIds: string[],
  { header, body }: { header: Values; body: Values },
): Message {
  const payload = { ...body, ChangeEventHeader: { ...header, recordIds } };
  return { topic: changeEventOf(sobject.name), message: { schema: schemaId(sobject), payload }, recordIds };
}

/** The message of a published platform event. */
export function platformEvent(sobject: SObject, { fields, recordId, userId, at }: Staged & { at: Date }): Message {
  const own = Object.entries(fields).filter(([name]) => sobject.field(name)?.custom && name !== 'Name');
  const payload = { CreatedDate: at.toISOString(), CreatedById: userId, ...bodyOf(sobject, Object.fromEntries(own)) };
  return {
    topic: sobject.name,
    message: { schema: schemaId(sobject), payload, event: { EventUuid: uuidOf(recordId) } },
    recordIds: [],
  };
} // prettier-ignore

/** The uuid by which both the publisher's answer and the subscriber's message call a platform event. */
export function uuidOf(recordId: string): string {
  const hex = Buffer.from(recordId).toString('hex').slice(-32).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
