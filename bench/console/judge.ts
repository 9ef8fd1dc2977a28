import { raiseAlerts } from '../../src/alerts/raising.ts';
import { noteDaily } from '../../src/alerts/signals.ts';
import { watchAlerts } from '../../src/alerts/watch.ts';
import { createApp } from '../../src/app.ts';
import { recomputeAllHealth } from '../../src/health/health.ts';
import { db, pool, sql } from '../../src/platform/db.ts';
import { refreshSegments } from '../../src/segments/refresh.ts';
import { refreshBenchmarks } from '../../src/usage/benchmarks.ts';
import { givenStaff, sessionCookieOf } from '../../test/support/people.ts';

const staff = [['csm'], ['csm'], ['rep'], ['csm', 'rep'], ['support'], ['admin']] as const;

/** Six members of the staff, four of whom look after accounts, each signed in. @returns the cookies of their sessions */
export async function givenSignedInStaff(): Promise<string[]> {
  const app = createApp();
  const cookies: string[] = [];
  for (const [place, roles] of staff.entries()) {
    const person = await givenStaff({ roles: [...roles], name: `Robin ${String.fromCharCode(65 + place)}` });
    if (place < 4)
      await sql`update accounts set success_manager_id = ${person.userId} where right(id, 9)::int % 200 = ${place}`.execute(
        db,
      );
    cookies.push(await sessionCookieOf(app, person));
  }
  return cookies;
}

/** Everything that the worker makes of a base that is there: health with engagement, benchmarks, smart lists, signals, alerts. */
export async function judgeAndTell(): Promise<void> {
  await recomputeAllHealth();
  await sql`vacuum analyze`.execute(db);
  await refreshBenchmarks();
  await refreshSegments();
  await watchAlerts();
  await noteDaily();
  const { rows } = await sql<{ batch: number }>`select distinct batch from signals`.execute(db);
  for (const { batch } of rows) await raiseAlerts({ batch });
}

export const end = () => pool.end();
