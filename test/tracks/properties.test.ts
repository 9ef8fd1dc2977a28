import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Step } from '../../src/tracks/definition.ts';

import { type Exits, mayEnter, type Person, walk, type Walker } from './reference.ts';
import { countersOf, givenEditors, givenPeople, givenText, givenTrack, ofIndustry, rowsOf, sandbox, type Viewer } from './world.ts'; // prettier-ignore

const { HOUR, moveClock, now } = await import('../../src/platform/clock.ts');
const { db, pool, sql } = await import('../../src/platform/db.ts');
const { advanceTracks } = await import('../../src/tracks/advancing.ts');
const { archiveTrack, pauseTrack, resumeTrack } = await import('../../src/tracks/control.ts');
const { enterOnSignals, watchTracks } = await import('../../src/tracks/watching.ts');

const RUNS = Number(process.env.RUNS ?? 4);
const PEOPLE = 5;
const titles = ['A', 'B', 'C'] as const;

let editors: { author: Viewer; second: Viewer };
let messageId: string;
beforeAll(async () => {
  editors = await givenEditors();
  messageId = await givenText(editors.author, 'Hello');
});
afterAll(async () => {
  await pool.end();
  await sandbox.close();
});

type Drawn = { kind: string } & Record<string, unknown>;
const title = fc.constantFrom(...titles);
const titled = (value: string) => ({ field: 'person.title', op: 'is', value: [value] });
const hours = fc.integer({ min: 1, max: 60 }).map((amount) => ({ amount, unit: 'hours' }));

const { steps: drawnSteps } = fc.letrec<{ steps: Drawn[]; step: Drawn }>((tie) => ({
  steps: fc.array(tie('step'), { minLength: 0, maxLength: 3 }),
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant({ kind: 'send', channel: 'email' }),
    hours.map((span) => ({ kind: 'wait', span })),
    fc.constant({ kind: 'exit' }),
    fc.record({ kind: fc.constant('branch'), rule: title.map(titled), then: tie('steps'), otherwise: tie('steps') }),
    fc.record({
      kind: fc.constant('waitFor'), limit: hours, then: tie('steps'), otherwise: tie('steps'),
      awaited: fc.oneof(title.map((each) => ({ kind: 'rule', rule: titled(each) })), fc.constant({ kind: 'signal', signal: 'case.opened' })),
    }),
  ),
})); // prettier-ignore

/** What happens, one after the other, and then time passes. */
const happenings = fc.array(
  fc.record({
    hours: fc.integer({ min: 1, max: 40 }),
    what: fc.oneof(
      fc.record({ kind: fc.constant('title' as const), who: fc.nat(PEOPLE - 1), to: title }),
      fc.record({ kind: fc.constant('signal' as const), who: fc.nat(PEOPLE - 1) }),
      fc.record({ kind: fc.constant('gone' as const), who: fc.nat(PEOPLE - 1) }),
      fc.constant({ kind: 'pause' as const }),
      fc.constant({ kind: 'resume' as const }),
      fc.constant({ kind: 'nothing' as const }),
    ),
  }),
  { minLength: 4, maxLength: 12 },
);
type Happening = typeof happenings extends fc.Arbitrary<(infer T)[]> ? T : never;

const worlds = fc.record({
  steps: fc.array(drawnSteps, { minLength: 1, maxLength: 2 }).map((lists) => [{ kind: 'send', channel: 'email' }, ...lists.flat()]),
  exits: fc.record({ while: fc.option(title), goal: fc.option(title) }),
  again: fc.oneof(fc.constant('never' as const), fc.integer({ min: 1, max: 2 })),
  titles: fc.array(title, { minLength: PEOPLE, maxLength: PEOPLE }),
  happenings,
}); // prettier-ignore

/** Steps with keys, in reading order, and their message. */
function keyed(steps: readonly Drawn[], count = { n: 0 }): Step[] {
  return steps.map((step) => {
    const key = `s${String((count.n += 1))}`;
    const arms =
      'then' in step
        ? { then: keyed(step.then as Drawn[], count), otherwise: keyed(step.otherwise as Drawn[], count) }
        : {};
    return { ...step, ...arms, key, ...(step.kind === 'send' ? { messageId } : {}) } as unknown as Step;
  });
}

let batch = 2_000_000;

/** The track as it is, and the reference beside it. */
class World {
  readonly walkers: Walker[][] = Array.from({ length: PEOPLE }, () => []);
  readonly people: Person[];
  isPaused = false;
  askedAt = 0;
  readonly id: string;
  readonly ids: number[];
  readonly accountId: string;
  readonly steps: readonly Step[];
  readonly exits: Exits;
  readonly again: 'never' | number;

  constructor(
    made: { id: string; ids: number[]; accountId: string },
    drawn: { steps: readonly Step[]; exits: Exits; again: 'never' | number; titles: readonly string[] },
  ) {
    this.people = drawn.titles.map((each) => ({ title: each, isThere: true, signals: [] }));
    [this.id, this.ids, this.accountId] = [made.id, made.ids, made.accountId];
    [this.steps, this.exits, this.again] = [drawn.steps, drawn.exits, drawn.again];
  }

  async happen({ what, hours: passing }: Happening): Promise<void> {
    if (what.kind === 'pause' && !this.isPaused) await pauseTrack(editors.author, this.id);
    if (what.kind === 'resume' && this.isPaused) {
      await resumeTrack(editors.author, this.id);
      this.askedAt = 0;
    }
    if (what.kind === 'pause' || what.kind === 'resume') this.isPaused = what.kind === 'pause';
    if ('who' in what) await this.change(what);
    moveClock(passing * HOUR);
    await this.tick();
  }

  private async change(what: Extract<Happening['what'], { who: number }>): Promise<void> {
    const [person, id] = [this.people[what.who], this.ids[what.who]];
    if (person?.isThere !== true) return;
    if (what.kind === 'title') {
      person.title = what.to;
      await sql`update account_people set title = ${what.to} where id = ${id}`.execute(db);
    } else if (what.kind === 'gone') {
      person.isThere = false;
      await sql`delete from account_people where id = ${id}`.execute(db);
    } else {
      batch += 1;
      const at = now();
      person.signals.push({ kind: 'case.opened', at: at.getTime() });
      await sql`
        insert into signals (batch, cause, kind, account_id, person, occurred_at, noted_at)
        values (${batch}, ${randomUUID()}, 'case.opened', ${this.accountId}, ${id}, ${at}, ${at})`.execute(
        db,
      );
      await enterOnSignals({ batch });
    }
  }

  /** Waits are looked up and people moved on, in both. */
  async tick(): Promise<void> {
    const at = now().getTime();
    await watchTracks();
    await advanceTracks();
    if (this.isPaused) return;
    const asks = this.askedAt === 0 || at - this.askedAt >= HOUR;
    for (const [i, person] of this.people.entries()) {
      const earlier = this.walkers[i] ?? [];
      if (asks && mayEnter(earlier, person, { exits: this.exits, again: this.again, now: at }))
        earlier.push(this.begin(earlier.length + 1, at));
      for (const walker of earlier) walk(walker, person, this.exits, at);
    }
    if (asks) this.askedAt = at;
  }

  private begin(entry: number, at: number): Walker {
    const key = this.steps[0]?.key ?? '';
    return {
      entry, enteredAt: at, steps: this.steps, state: 'in', reason: null, at: { key, since: at }, endedAt: null, passed: [],
    }; // prettier-ignore
  }
}

/** What each person passed and where they are, as texts. */
async function told(world: World): Promise<string[]> {
  const { rows } = await sql<{
    person: number;
    entry: number;
    state: string;
    reason: string | null;
    step: string | null;
    passed: string[];
  }>`
    select t.person_id as person, t.entry, t.state, t.reason, t.step, array(
      select w.step || ':' || w.outcome from track_path w where w.track_id = t.track_id and w.person_id = t.person_id and w.entry = t.entry
      order by w.passed_at, w.step) as passed
    from track_people t where t.track_id = ${world.id} order by t.person_id, t.entry`.execute(db);
  return rows.map(({ person, entry, state, reason, step, passed }) =>
    [world.ids.indexOf(person), entry, state, reason, step, ...passed.sort()].join(' '),
  );
}

const expected = (world: World): string[] =>
  world.walkers.flatMap((walkers, i) =>
    walkers.map(({ entry, state, reason, at, passed }) =>
      [
        i,
        entry,
        state,
        reason,
        at?.key ?? null,
        ...passed.map(({ key, outcome }) => `${key}:${outcome}`).sort(),
      ].join(' '),
    ),
  );

test(
  'where everybody is in a track, and what they passed, is what one finds by going along with each of them',
  async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    await fc.assert(
      fc.asyncProperty(worlds, async (drawn) => {
        const { industry, ...people } = await givenPeople(PEOPLE);
        for (const [i, each] of drawn.titles.entries())
          await sql`update account_people set title = ${each} where id = ${people.ids[i]}`.execute(db);
        const steps = keyed(drawn.steps);
        const { exits, again } = drawn;
        const id = await givenTrack(editors, {
          entry: { kind: 'rule', rule: ofIndustry(industry) }, again, steps,
          exits: { atGoal: exits.goal !== null, while: exits.while === null ? null : titled(exits.while) },
          goal: exits.goal === null ? null : { name: 'Goal', days: 30, entity: 'person', rule: titled(exits.goal) },
        }); // prettier-ignore
        const world = new World({ id, ...people }, { ...drawn, steps });
        await world.tick();
        for (const happening of drawn.happenings) await world.happen(happening);
        const found = await told(world);
        expect(found).toEqual(expected(world));
        expect(await countersOf(id)).toEqual(await rowsOf(id));
        const { rows } = await sql<{ twice: number }>`
          select count(*) - count(distinct (d.wave, d.person_id)) as twice from track_path d where track_id = ${id} and wave is not null`.execute(
          db,
        );
        expect(rows[0]?.twice).toBe(0);
        await archiveTrack(editors.author, id);
      }),
      { seed, numRuns: RUNS, endOnFailure: process.env.SHRINK === undefined },
    );
  },
  Math.max(60_000, RUNS * 8_000),
);
