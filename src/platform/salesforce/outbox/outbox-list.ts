import { db, sql } from '../../db.ts';

import type { OutboxStatus } from '../mirror/tables.ts';

/** A row of the outbox as staff see it. */
export interface OutboxRow {
  id: number;
  sobject: string;
  operation: 'upsert' | 'create' | 'update';
  feature: string;
  status: OutboxStatus;
  rapportId: string | null;
  salesforceId: string | null;
  personName: string | null;
  attempts: number;
  nextAttemptAt: Date;
  errorCode: string | null;
  error: string | null;
  createdAt: Date;
  sentAt: Date | null;
  deliveredAt: Date | null;
}

export interface SeenOutboxRow extends OutboxRow {
  fields: Record<string, unknown>;
  base: Record<string, unknown> | null;
  /** What was sent of it; null where nothing was, or all of it. */
  written: Record<string, unknown> | null;
  parent: { field: string; sobject: string; salesforceId?: string } | null;
  editedBy: string | null;
  editedAt: Date | null;
  conflictId: number | null;
  /** The writes of the same record, newest first; at most 50. */
  history: OutboxRow[];
}

/** `open`: all that Salesforce does not have and may still get. */
export const outboxStatuses = ['open', 'waiting', 'failed', 'conflict', 'delivered', 'discarded'] as const;
export const outboxSortings = ['created', 'attempts', 'next'] as const;

export interface OutboxFilter {
  status: (typeof outboxStatuses)[number];
  sobject?: string | undefined;
  feature?: string | undefined;
  errorCode?: string | undefined;
  /** In ids, fields, errors and names of people. */
  search?: string | undefined;
}

export interface OutboxOrder {
  sort: (typeof outboxSortings)[number];
  direction: 'asc' | 'desc';
}

export const OUTBOX_PAGE = 50;

const statusesOf: Record<OutboxFilter['status'], readonly OutboxStatus[]> = {
  open: ['waiting', 'sending', 'failed', 'conflict'],
  waiting: ['waiting', 'sending'],
  failed: ['failed'],
  conflict: ['conflict'],
  delivered: ['delivered'],
  discarded: ['discarded'],
};

const columns = sql`o.id, o.sobject, o.operation, o.feature, o.status, o.rapport_id as "rapportId", o.salesforce_id as "salesforceId",
  o.person_name as "personName", o.attempts, o.next_attempt_at as "nextAttemptAt", o.error_code as "errorCode", o.error,
  o.created_at as "createdAt", o.sent_at as "sentAt", o.delivered_at as "deliveredAt"`;

const orders = { created: sql`o.id`, attempts: sql`o.attempts`, next: sql`o.next_attempt_at` };

/** One page of the outbox; the refused and contested first unless another order is asked for. */
export async function outboxRows(
  filter: OutboxFilter,
  { order, page }: { order: OutboxOrder | undefined; page: number },
): Promise<{ rows: OutboxRow[]; total: number }> {
  const where = matching(filter);
  const direction = order?.direction === 'desc' ? sql`desc` : sql`asc`;
  const usual =
    filter.status === 'delivered' || filter.status === 'discarded'
      ? sql`o.id desc`
      : sql`o.status not in ('failed', 'conflict'), o.id`;
  const { rows } = await sql<OutboxRow>`
    select ${columns} from outbox o where ${where}
    order by ${order ? sql`${orders[order.sort]} ${direction}, o.id` : usual}
    limit ${OUTBOX_PAGE} offset ${(page - 1) * OUTBOX_PAGE}`.execute(db);
  const counted = await sql<{ total: number }>`select count(*) as total from outbox o where ${where}`.execute(
    db,
  );
  return { rows, total: counted.rows[0]?.total ?? 0 };
}

function matching({ status, sobject, feature, errorCode, search }: OutboxFilter) {
  const conditions = [sql`o.status = any(${[...statusesOf[status]]}::text[])`];
  if (sobject !== undefined) conditions.push(sql`o.sobject = ${sobject}`);
  if (feature !== undefined) conditions.push(sql`o.feature = ${feature}`);
  if (errorCode !== undefined) conditions.push(sql`o.error_code = ${errorCode}`);
  if (search !== undefined && search !== '') {
    const pattern = `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    conditions.push(sql`(o.salesforce_id ilike ${pattern} or o.rapport_id ilike ${pattern} or o.error ilike ${pattern}
      or o.error_code ilike ${pattern} or o.person_name ilike ${pattern} or o.fields::text ilike ${pattern})`);
  }
  return sql.join(conditions, sql` and `);
}

/** What there is to choose from, and how many were refused with each code. */
export async function outboxChoices(): Promise<{
  objects: string[];
  features: string[];
  errors: { code: string; count: number }[];
}> {
  const among = sql`from outbox where status in ('waiting', 'sending', 'failed', 'conflict')`;
  const [objects, features, errors] = await Promise.all([
    sql<{ name: string }>`select distinct sobject as name ${among} order by 1`.execute(db),
    sql<{ name: string }>`select distinct feature as name ${among} order by 1`.execute(db),
    sql<{ code: string; count: number }>`
      select error_code as code, count(*) as count from outbox where status = 'failed' and error_code is not null
      group by 1 order by 2 desc, 1`.execute(db),
  ]);
  return {
    objects: objects.rows.map(({ name }) => name),
    features: features.rows.map(({ name }) => name),
    errors: errors.rows,
  };
}

export interface OutboxCounts {
  waiting: number;
  failed: number;
  conflicts: number;
}

/** How much there is that Salesforce does not have: on its way, refused, and waiting for a person's choice. */
export async function outboxCounts(): Promise<OutboxCounts> {
  const { rows } = await sql<OutboxCounts>`
    select count(*) filter (where status in ('waiting', 'sending')) as waiting, count(*) filter (where status = 'failed') as failed,
           count(*) filter (where status = 'conflict') as conflicts
    from outbox where status in ('waiting', 'sending', 'failed', 'conflict')`.execute(db);
  return rows[0] ?? { waiting: 0, failed: 0, conflicts: 0 };
}

export async function maybeOutboxRow(id: number): Promise<SeenOutboxRow | undefined> {
  const { rows } = await sql<Omit<SeenOutboxRow, 'history'> & { recordKey: string }>`
    select ${columns}, o.fields, o.base, o.written, o.parent, o.edited_by as "editedBy", o.edited_at as "editedAt",
      o.record_key as "recordKey", c.id as "conflictId"
    from outbox o left join conflicts c on c.outbox_id = o.id where o.id = ${id}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const history = await sql<OutboxRow>`
    select ${columns} from outbox o where o.record_key = ${row.recordKey} order by o.id desc limit 50`.execute(
    db,
  );
  return { ...row, history: history.rows };
}
