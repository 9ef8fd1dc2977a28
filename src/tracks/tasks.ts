import type { RawBuilder } from 'kysely';

import { DAY } from '../platform/clock.ts';
import type { Tx } from '../platform/db.ts';
import { writeAll } from '../platform/salesforce/outbox/outbox.ts';

import type { TaskStep } from './definition.ts';
import { taskWrite } from './salesforce.ts';
import { insertTasks } from './tasks.queries.ts';

const AT_ONCE = 1_000;

/** Writes the tasks of a step for whoever stands there, through the outbox. */
export async function writeTasks(
  tx: Tx,
  step: TaskStep,
  { trackId, people, now: at }: { trackId: string; people: RawBuilder<unknown>; now: Date },
): Promise<void> {
  const tasks = await insertTasks(tx, { trackId, step, people, now: at });
  const dueOn = new Date(at.getTime() + step.dueDays * DAY).toISOString().slice(0, 10);
  for (let from = 0; from < tasks.length; from += AT_ONCE)
    await writeAll(
      tx,
      tasks.slice(from, from + AT_ONCE).map((task) =>
        taskWrite({
          ...task,
          subject: step.subject,
          text: [step.text, task.personName ?? ''].join('\n').trim(),
          dueOn,
        }),
      ),
    );
}
