import { randomUUID } from 'node:crypto';

import { hasRole, type StaffViewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { db, sql } from '../platform/db.ts';
import { Forbidden } from '../platform/errors.ts';

import { collect, rejectUnread } from './collect.ts';
import { type FileFormat, recordsOf } from './lines.ts';

/** An import as administrators see it. */
export interface Import {
  id: string;
  name: string;
  source: string;
  startedBy: string | null;
  startedAt: Date;
  /** `receiving`, then `counting`, then `done`; `broken` when the file did not come to its end. */
  state: 'receiving' | 'counting' | 'done' | 'broken';
  taken: number;
  refused: number;
}

const TOGETHER = 1_000;
/** Refusals of one file that are kept to look at; the rest are only counted. */
const MOST_REFUSALS_KEPT = 100;
/** A file that brought nothing for so long is not coming any more. */
const SILENCE = '10 minutes';

/**
 * Imports a file of the past as it arrives: what was read is kept even when the rest never comes, and importing it again counts
 * nothing twice. @returns how many messages were taken and refused
 */
export async function importFile(
  file: { sourceId: number; name: string; format: FileFormat; personId?: string | undefined },
  bytes: AsyncIterable<Buffer>,
): Promise<{ taken: number; refused: number }> {
  const id = randomUUID();
  await sql`
    insert into usage_imports (id, source_id, name, started_by, started_at)
    values (${id}, ${file.sourceId}, ${file.name.slice(0, 200)}, ${file.personId ?? null}, ${now()})`.execute(
    db,
  );
  const sum = { taken: 0, refused: 0 };
  let batch: unknown[] = [];
  const flush = async () => {
    const { taken, rejections } = await collect(file.sourceId, batch, {
      receivedAt: now(),
      bytes: Infinity,
      keptRejections: MOST_REFUSALS_KEPT - sum.refused,
    });
    sum.taken += taken;
    sum.refused += rejections.length;
    batch = [];
    await noteProgress(id, sum);
  };
  for await (const record of recordsOf(bytes, file.format)) {
    if ('message' in record) batch.push(record.message);
    else {
      sum.refused += 1;
      if (sum.refused <= MOST_REFUSALS_KEPT)
        await rejectUnread(file.sourceId, now(), record.reason, record.excerpt);
    }
    if (batch.length >= TOGETHER) await flush();
  }
  await flush();
  await sql`update usage_imports set received_at = ${now()} where id = ${id}`.execute(db);
  return sum;
}

async function noteProgress(
  id: string,
  { taken, refused }: { taken: number; refused: number },
): Promise<void> {
  await sql`
    update usage_imports set taken = ${taken}, refused = ${refused}, last_inbox_id = (select max(id) from usage_inbox),
      progressed_at = ${now()}
    where id = ${id}`.execute(db);
}

/** Whether a file of the past is being received or counted: until it is, nothing can be said of those that it is about. */
export async function isImporting(): Promise<boolean> {
  const { rows } = await sql`
    select 1 from usage_imports i
    where case when i.received_at is null then coalesce(i.progressed_at, i.started_at) > ${now()}::timestamptz - ${SILENCE}::interval
               else exists (select from usage_inbox b where b.id <= i.last_inbox_id) end
    limit 1`.execute(db);
  return rows.length > 0;
}

/** The latest twenty imports, and how many messages of any kind wait to be counted. */
export async function imports(viewer: StaffViewer): Promise<{ imports: Import[]; waiting: number }> {
  if (!hasRole(viewer, 'admin')) throw new Forbidden();
  const { rows } = await sql<Import>`
    select i.id, i.name, s.name as source, p.name as "startedBy", i.started_at as "startedAt", i.taken, i.refused,
      case when i.received_at is null and coalesce(i.progressed_at, i.started_at) < ${now()}::timestamptz - ${SILENCE}::interval then 'broken'
           when i.received_at is null then 'receiving'
           when exists (select from usage_inbox b where b.id <= i.last_inbox_id) then 'counting' else 'done' end as state
    from usage_imports i join usage_sources s on s.id = i.source_id left join people p on p.id = i.started_by
    order by i.started_at desc limit 20`.execute(db);
  const waiting = await sql<{ count: number }>`
    select coalesce(sum(count), 0)::int as count from usage_inbox`.execute(db);
  return { imports: rows, waiting: waiting.rows[0]?.count ?? 0 };
}
