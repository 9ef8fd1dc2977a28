import { transaction } from '../../db.ts';
import { log } from '../../log.ts';

import { type Claimed, fail, follow, putBack } from './claims.ts';
import { type Found, question } from './conflicts.ts';
import type { Refused } from './deliver-outcomes.ts';
import { idIn, mastersOf, referring } from './deliver-masters.ts';
import { classOf, type ErrorClass, pauseAfter, responses } from '../wire/error-classes.ts';
import { spending } from '../budget/budget.ts';
import type { SalesforceFailure } from '../wire/errors.ts';
import { query } from '../wire/query.ts';
import { idList } from '../wire/soql.ts';

const classIs = ({ failure }: Refused, ...names: ErrorClass[]): boolean =>
  names.includes(classOf(failure.code, failure.message));

/** Gives each refused row the answer of its class. */
export async function refuseAll(refused: readonly Refused[]): Promise<void> {
  const gone = refused.filter((one) => classIs(one, 'deleted', 'reference'));
  const followed = gone.length > 0 ? await followMerged(gone.map(({ row }) => row)) : new Set<number>();
  for (const one of refused) if (!followed.has(one.row.id)) await refuse(one);
}

async function refuse(refused: Refused): Promise<void> {
  const { row, failure } = refused;
  const name = classOf(failure.code, failure.message);
  if (name === 'duplicate' || name === 'identity') {
    const found = await spending('people', () => foundBy(row, failure));
    await transaction((tx) => question(tx, row, name, found));
    return;
  }
  if (row.attempts < responses[name].attempts) {
    await putBack([row], reasonOf(row, failure, name), () => secondsUntil(row, failure, name));
    return;
  }
  log.warn({ sobject: row.sobject, outbox: row.id, code: failure.code }, 'Salesforce refused a record');
  await fail(row, failure);
}

function reasonOf(row: Claimed, { code, message, isAmbiguous }: SalesforceFailure, name: ErrorClass) {
  const isNoFault = name === 'quota' || name === 'auth' || code === 'JUST_CHANGED';
  return { code, message, isAmbiguous, ...(isNoFault ? { attempts: Math.max(0, row.attempts - 1) } : {}) };
}

/** Just long enough for the second of the last change to be over. */
const NEXT_SECOND = 1;

const secondsUntil = (row: Claimed, { code }: SalesforceFailure, name: ErrorClass): number =>
  code === 'JUST_CHANGED' ? NEXT_SECOND : pauseAfter(name, row.attempts);

/** Rows whose record, whose parent, or whose account or contact was merged into another go on with that one. @returns which */
async function followMerged(rows: readonly Claimed[]): Promise<Set<number>> {
  const masters = await mastersOf(rows);
  const moved = rows.flatMap((row) => {
    const salesforceId = masters.get(row.salesforceId ?? '');
    const parentId = masters.get(row.parent?.salesforceId ?? '');
    const fields = Object.fromEntries(
      referring.flatMap((field) => {
        const master = masters.get(idIn(row, field) ?? '');
        return master === undefined ? [] : [[field, master]];
      }),
    );
    const isMoved = salesforceId !== undefined || parentId !== undefined || Object.keys(fields).length > 0;
    return isMoved ? [{ id: row.id, salesforceId, parentId, fields }] : [];
  });
  if (moved.length > 0) await follow(moved);
  return new Set(moved.map(({ id }) => id));
}

interface DuplicateResult {
  allowSave?: boolean;
  matchResults?: { matchRecords?: { record?: { Id?: string; attributes?: { type?: string } } }[] }[];
}

/** What stands in the way, by name: what the duplicate rule found, or the records that the message speaks of. */
async function foundBy(row: Claimed, { code, message, cause }: SalesforceFailure): Promise<Found> {
  const result = duplicateResultIn(cause);
  const matches = (result?.matchResults ?? []).flatMap(({ matchRecords = [] }) => matchRecords);
  const ofRule = matches.flatMap(({ record }) =>
    record?.Id === undefined ? [] : [{ id: record.Id, sobject: record.attributes?.type ?? row.sobject }],
  );
  const told = [...message.matchAll(/\b[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b/g)]
    .filter(([id]) => /\d/.test(id))
    .map(([id]) => ({ id, sobject: row.sobject }));
  const records = code === 'DUPLICATES_DETECTED' ? ofRule : told;
  return { code, message, allowSave: result?.allowSave ?? false, records: await named(records) };
}

function duplicateResultIn(cause: unknown): DuplicateResult | undefined {
  const { data } = (cause ?? {}) as { data?: unknown };
  const errors = [cause, data].flat() as ({ duplicateResult?: DuplicateResult } | undefined)[];
  return errors.find((error) => error?.duplicateResult !== undefined)?.duplicateResult;
}

/** Names are a help, not a need: where Salesforce will not tell them now, ids have to do. */
async function named(records: readonly { id: string; sobject: string }[]): Promise<Found['records']> {
  const names = new Map<string, string>();
  for (const [sobject, some] of Map.groupBy(records, (record) => record.sobject)) {
    const ids = idList(some.map(({ id }) => id));
    const page = await query(`SELECT Id, Name FROM ${sobject} WHERE Id IN ${ids}`, 'query').catch(
      () => undefined,
    );
    for (const { Id, Name } of page?.records ?? []) names.set(Id.slice(0, 15), String(Name));
  }
  return records.map((record) => ({ ...record, name: names.get(record.id.slice(0, 15)) ?? null }));
}
