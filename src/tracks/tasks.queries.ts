import type { RawBuilder } from 'kysely';

import { managerOf } from '../accounts/managers.ts';
import { sql, type Tx } from '../platform/db.ts';

import type { TaskStep } from './definition.ts';

/** A task to be written. */
export interface NewTask {
  taskId: string;
  accountId: string;
  contactId: string | null;
  personName: string | null;
  assigneeId: string | null;
}

interface Tasks {
  trackId: string;
  step: TaskStep;
  /** A query of `person_id`, `entry` and `account_id`. */
  people: RawBuilder<unknown>;
  now: Date;
}

/** Notes the tasks of a step, one a person, or one an account that has none open. */
export async function insertTasks(tx: Tx, { trackId, step, people, now }: Tasks): Promise<NewTask[]> {
  const whom =
    step.each === 'person'
      ? sql`select w.account_id, w.person_id, w.entry from (${people}) w`
      : sql`
          select distinct w.account_id, null::bigint as person_id, null::smallint as entry from (${people}) w
          where not exists (
            select from track_tasks k left join salesforce_tasks s on s.rapport_id = k.id::text
            where k.account_id = w.account_id and k.track_id = ${trackId} and k.step = ${step.key}
              and not coalesce(s.is_closed or s.deleted_at is not null, false))`;
  const assignee = step.assignee === 'owner' ? sql`a.owner_id` : managerOf('a');
  const { rows } = await sql<NewTask>`
    with noted as (
      insert into track_tasks (track_id, step, account_id, person_id, entry, written_at)
      select ${trackId}, ${step.key}, account_id, person_id, entry, ${now} from (${whom}) m on conflict do nothing
      returning id, account_id, person_id)
    select n.id as "taskId", n.account_id as "accountId", p.contact_id as "contactId", p.name as "personName", ${assignee} as "assigneeId"
    from noted n join accounts a on a.id = n.account_id left join account_people p on p.id = n.person_id`.execute(
    tx,
  );
  return rows;
}
