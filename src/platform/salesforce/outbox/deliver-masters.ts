import type { Claimed } from './claims.ts';
import { query } from '../wire/query.ts';
import { idList } from '../wire/soql.ts';

/** The objects whose records people can merge: each loser names the one that took its place. */
const mergeable = new Set(['Account', 'Contact', 'Lead', 'Case']);

/** A record that was merged into one that was merged into another: nobody merges further than this. */
const LONGEST = 10;

const MOST_IDS = 200;

/** Fields of ours that name a record which may be merged away before they are delivered. */
const references = { AccountId: 'Account', ContactId: 'Contact' } as const;
export const referring = ['AccountId', 'ContactId'] as const;

/** The records that took the place of those which rows are about, hang on or name; only for those that were merged away. */
export async function mastersOf(rows: readonly Claimed[]): Promise<Map<string, string>> {
  const named = rows.flatMap((row) => [
    { sobject: row.sobject, id: row.salesforceId },
    { sobject: row.parent?.sobject ?? '', id: row.parent?.salesforceId },
    ...referring.map((field) => ({ sobject: references[field], id: idIn(row, field) })),
  ]);
  const masters = new Map<string, string>();
  for (const [sobject, some] of Map.groupBy(named, (one): string => one.sobject)) {
    const ids = mergeable.has(sobject) ? some.flatMap(({ id }) => (id == null ? [] : [id])) : [];
    for (const [id, master] of await lastMasters(sobject, [...new Set(ids)])) masters.set(id, master);
  }
  return masters;
}

/** The id in one of those fields; undefined where something else was typed. */
export function idIn({ fields }: Claimed, field: keyof typeof references): string | undefined {
  const id = fields[field];
  return typeof id === 'string' && ids[field].test(id) ? id : undefined;
}

const ids = {
  AccountId: /^001[a-zA-Z0-9]{12}(?:[a-zA-Z0-9]{3})?$/,
  ContactId: /^003[a-zA-Z0-9]{12}(?:[a-zA-Z0-9]{3})?$/,
};

/** Follows all of them together, step by step, until none was merged any further. */
async function lastMasters(sobject: string, ids: readonly string[]): Promise<Map<string, string>> {
  const masters = new Map<string, string>();
  let open = new Map(ids.map((id) => [id, id]));
  for (let i = 0; i < LONGEST && open.size > 0; i += 1) {
    const next = await mastersBy(sobject, [...new Set(open.values())]);
    const further = new Map<string, string>();
    for (const [id, at] of open) {
      const master = next.get(at.slice(0, 15));
      if (master === undefined) continue;
      masters.set(id, master);
      further.set(id, master);
    }
    open = further;
  }
  return masters;
}

async function mastersBy(sobject: string, ids: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let i = 0; i < ids.length; i += MOST_IDS) {
    const { records } = await query(
      `SELECT Id, MasterRecordId FROM ${sobject} WHERE Id IN ${idList(ids.slice(i, i + MOST_IDS))}`,
    );
    for (const { Id, MasterRecordId } of records)
      if (typeof MasterRecordId === 'string') found.set(Id.slice(0, 15), MasterRecordId);
  }
  return found;
}
