import type { Finding, Needs } from './checks.ts';
import { send } from '../wire/connection.ts';
import { toFailure } from '../wire/errors.ts';

interface Limit {
  Max: number;
  Remaining: number;
}
type Limits = Partial<Record<string, Limit>>;

const SCARCE = 0.2;
/** What the sync of a quiet day spends at the least: a poll every five seconds. */
const CALLS_A_DAY = 17_280;

/** How many API calls the org has left, and whether the Bulk API is open. */
export async function limitsArea(): Promise<Finding[]> {
  const limits = await limitsNow();
  return [...calls(limits.DailyApiRequests), await bulk(limits.DailyBulkV2QueryJobs)];
}

const limitsNow = async (): Promise<Limits> => (await send<Limits>({ path: '/limits' })).body;

function calls(limit: Limit | undefined): Finding[] {
  if (!limit) return [{ level: 'warning', key: 'callsUnknown', values: {} }];
  const values = { left: limit.Remaining, most: limit.Max };
  if (limit.Remaining <= 0) return [{ level: 'failure', key: 'callsSpent', values }];
  const found: Finding[] = [
    limit.Remaining < limit.Max * SCARCE
      ? { level: 'warning', key: 'callsScarce', values }
      : { level: 'ok', key: 'calls', values },
  ];
  if (limit.Max < CALLS_A_DAY)
    found.push({ level: 'warning', key: 'callsFew', values: { ...values, pace: CALLS_A_DAY } });
  return found;
}

async function bulk(jobs: Limit | undefined): Promise<Finding> {
  try {
    await send({ path: '/jobs/query' });
  } catch (error) {
    const { code, message } = toFailure(error);
    return { level: 'failure', key: 'bulkClosed', values: { code, message } };
  }
  return jobs && jobs.Remaining <= 0
    ? { level: 'warning', key: 'bulkSpent', values: { most: jobs.Max } }
    : { level: 'ok', key: 'bulk', values: {} };
}

/** Which objects tell their changes at once; without them the poll finds them a few seconds later. */
export async function eventsArea({ mappings }: Needs): Promise<Finding[]> {
  const soql = "SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'";
  let selected: string[];
  try {
    const { body } = await send<{ records: { SelectedEntity: string }[] }>({
      path: `/tooling/query?q=${encodeURIComponent(soql)}`,
    });
    selected = body.records.map(({ SelectedEntity }) => SelectedEntity);
  } catch (error) {
    if (toFailure(error).kind !== 'terminal') throw error;
    return [{ level: 'warning', key: 'eventsHidden', values: {} }];
  }
  const read = new Set((await mappings()).map(({ sobject }) => sobject));
  const told = selected.map(objectOf).filter((object) => read.has(object));
  return told.length === 0
    ? [{ level: 'warning', key: 'eventsNone', values: {} }]
    : [{ level: 'ok', key: 'events', values: { objects: told.sort().join(', ') } }];
}

/** `AccountChangeEvent` → `Account`, `License__ChangeEvent` → `License__c`. */
const objectOf = (entity: string): string =>
  entity.replace(/__ChangeEvent$/, '__c').replace(/ChangeEvent$/, '');

/** Whether there is room for files and records. */
export async function filesArea(): Promise<Finding[]> {
  const { FileStorageMB, DataStorageMB } = await limitsNow();
  return [room('fileStorage', FileStorageMB), room('dataStorage', DataStorageMB)].flat();
}

function room(key: string, limit: Limit | undefined): Finding[] {
  if (!limit || limit.Max === 0) return [];
  const values = { left: limit.Remaining, most: limit.Max };
  if (limit.Remaining <= 0) return [{ level: 'failure', key: `${key}Full`, values }];
  return [
    limit.Remaining < limit.Max * 0.05
      ? { level: 'warning', key: `${key}Low`, values }
      : { level: 'ok', key, values },
  ];
}
