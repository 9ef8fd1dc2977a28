import { forStaff, type Viewer } from '../../access/viewer.ts';
import { topicByCode } from '../../consent/topics.ts';
import { db } from '../../platform/db.ts';
import { NotFound } from '../../platform/errors.ts';
import { explain, type Explanation } from '../../rules/explain.ts';
import type { Rule } from '../../rules/rules.ts';
import { wholeCatalog } from '../../segments/catalog.ts';

import { type Check, checks, reasonOf } from './eligibility.ts';
import * as queries from './explanation.queries.ts';
import { deliveriesTo, type PersonDelivery } from '../runs/ledger.ts';
import { tryOne } from './previews.ts';
import { quietHoursOf } from '../definition/policy.ts';
import { cohortNames } from '../definition/rollout.ts';
import { cohortFor, type CohortState } from '../results/cohort-course.ts';
import type { Fixed } from '../runs/runs.ts';

const explainedChecks = ['audience', ...checks, 'quietHours'] as const;

/** One question that was asked about somebody, and what the answer rests on. */
export interface Explained {
  code: 'audience' | Check | 'quietHours';
  /** Null: it was not asked any more, since one before it had decided. */
  isOk: boolean | null;
  /** Moments are Dates; what is not known is null. */
  values: Record<string, string | number | boolean | Date | null>;
}

/** Why somebody got a campaign or did not, or would or would not. */
export interface Why {
  person: queries.Person;
  verdict: 'did' | 'didNot' | 'will' | 'would' | 'wouldNot';
  /** Why not: of the ledger, or of what planning would say now; `not_in_audience`. */
  reason: string | null;
  /** When it goes, while it waits. */
  dueAt: Date | null;
  /** The cohort with which it went, goes or would go; null where it goes out as a whole, or they get nothing. */
  cohort: ToldCohort | null;
  checks: Explained[];
  /** The list's rule, condition by condition, as it is with them now; null for a campaign without a list. */
  rule: Explanation | null;
  /** The messages that counted against the caps, the newest first. */
  sends: queries.CountedSend[];
  /** Every row of the ledger of this campaign about this human, whichever account it names. */
  deliveries: PersonDelivery[];
  /** The moment that the checks are of: the run's planning, or now. */
  asOf: Date;
}

/** A cohort as one person sees it. `wouldBe`: nothing was planned yet. */
export interface ToldCohort {
  place: number;
  of: number;
  name: string;
  state: CohortState | 'wouldBe';
  /** Of the one that is next, unless a person is asked first. */
  dueAt: Date | null;
}

/**
 * Explains a person and a campaign: by the latest run that was planned, or, before any was, by what planning would do now.
 * @throws NotFound
 */
export async function whyFor(viewer: Viewer, campaignId: string, personId: number): Promise<Why> {
  const person = await queries.selectPerson(forStaff(viewer), personId);
  const latest = await queries.selectLatest(forStaff(viewer), campaignId, personId);
  if (person === undefined) throw new NotFound();
  const outcome =
    latest === undefined ? await nowOf(viewer, campaignId, person) : await thenOf(latest, person);
  const { fixed, asOf } = outcome;
  const evidence = await evidenceOf(person, { ...outcome, campaignId });
  const { deliveries } = await deliveriesTo(viewer, { personId }, 1);
  return {
    person,
    verdict: outcome.verdict,
    reason: outcome.reason,
    dueAt: outcome.dueAt,
    cohort: outcome.cohort,
    checks: asked(outcome.reason, evidence.values),
    rule: await ruleOf(viewer, fixed, person),
    sends: evidence.sends,
    deliveries: deliveries.filter((delivery) => delivery.campaignId === campaignId),
    asOf,
  };
}

interface Outcome {
  fixed: Fixed;
  verdict: Why['verdict'];
  reason: string | null;
  dueAt: Date | null;
  cohort: ToldCohort | null;
  asOf: Date;
  /** The run that is explained; undefined before any. */
  runId: number | undefined;
}

async function nowOf(viewer: Viewer, campaignId: string, person: queries.Person): Promise<Outcome> {
  const { fixed, found, now } = await tryOne(viewer, campaignId, person);
  const reason = found === undefined ? 'not_in_audience' : found.reason;
  const verdict = reason === null ? 'would' : 'wouldNot';
  const cohort = cohortAt(fixed, found?.cohort ?? null);
  return { fixed, verdict, reason, dueAt: found?.dueAt ?? null, cohort, asOf: now, runId: undefined };
}

function cohortAt({ policy }: Pick<Fixed, 'policy'>, place: number | null): ToldCohort | null {
  const rollout = policy.rollout ?? null;
  if (rollout === null || place === null) return null;
  const names = cohortNames(rollout);
  return { place, of: names.length, name: names[place - 1] ?? '', state: 'wouldBe', dueAt: null };
}

async function thenOf(
  { runId, state, fixed, plannedAt }: queries.LatestRun,
  person: queries.Person,
): Promise<Outcome> {
  const row = await queries.selectDelivery(db, runId, person.id);
  const cohort = await cohortThen({ id: runId, state, fixed, isDry: false }, person);
  const common = { fixed, asOf: plannedAt, runId, cohort };
  if (row === undefined) return { ...common, verdict: 'didNot', reason: 'not_in_audience', dueAt: null };
  const verdict = row.state === 'sent' ? 'did' : row.state === 'planned' ? 'will' : 'didNot';
  return { ...common, verdict, reason: row.state === 'doubt' ? 'in_doubt' : row.reason, dueAt: row.dueAt };
}

async function cohortThen(
  run: Parameters<typeof cohortFor>[0],
  { id }: queries.Person,
): Promise<ToldCohort | null> {
  const found = await cohortFor(run, id);
  const base = cohortAt(run.fixed, found?.cohort ?? null);
  if (found === undefined || base === null) return null;
  return { ...base, state: found.state, dueAt: found.asksFirst ? null : found.dueAt };
}

/** What was asked in turn, until one answer decided. What the mailing stage says came after all of them. */
function asked(reason: string | null, values: Record<Explained['code'], Explained['values']>): Explained[] {
  const decisive = explainedChecks.findIndex((code) =>
    code === 'audience' ? reason === 'not_in_audience' : code !== 'quietHours' && reasonOf[code] === reason,
  );
  return explainedChecks.map((code, place) => ({
    code,
    isOk: decisive === -1 || place < decisive ? true : place === decisive ? false : null,
    values: values[code],
  }));
}

async function ruleOf(
  viewer: Viewer,
  { audience }: Fixed,
  person: queries.Person,
): Promise<Explanation | null> {
  if (audience === null) return null;
  const { entity, rule } = audience as { entity: 'account' | 'person'; rule: Rule };
  const id = entity === 'account' ? person.accountId : String(person.id);
  const today = new Date().toISOString().slice(0, 10);
  try {
    return await explain(rule, id, { entity, catalog: await wholeCatalog(), today }, forStaff(viewer));
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

async function evidenceOf(
  person: queries.Person,
  { fixed, asOf, runId, reason, dueAt, campaignId }: Outcome & { campaignId: string },
): Promise<{ values: Record<Explained['code'], Explained['values']>; sends: queries.CountedSend[] }> {
  const { policy, limits, channel, topic: code, audience } = fixed;
  const about = { person, fixed, asOf, runId, campaignId };
  const topic = code === null ? undefined : await topicByCode(code);
  const sends = await queries.selectSends(db, about);
  const values = {
    audience: await queries.selectMembership(db, person, audience),
    address: { address: person.email, channel },
    erased: {},
    duplicate: reason === reasonOf.duplicate ? await queries.selectPrimary(db, about) : {},
    suppressed: await queries.selectSuppression(db, about),
    consent: { topic: code, isOptIn: topic?.isOptIn ?? null, ...(await queries.selectWord(db, about)) },
    again: { again: policy.again, ...(await queries.selectLastOwn(db, about)) },
    holdout: {
      holdoutPercent: policy.holdoutPercent,
      place: await queries.selectBucket(db, campaignId, person.email),
    },
    personCap: {
      ...capValues([limits.personCap, policy.personCap], sends, asOf),
      waitDays: policy.waitDays,
      dueAt,
    },
    accountCap: capValues(
      [limits.accountCap, policy.accountCap],
      await queries.selectAccountSends(db, about),
      asOf,
    ),
    quietHours: {
      ...(quietHoursOf(fixed) ?? { from: null, until: null }),
      zone: await queries.selectZone(db, runId, person),
      dueAt,
    },
  };
  return { values, sends };
}

/** How much of the tightest cap was used. */
function capValues(
  caps: readonly Fixed['limits']['personCap'][],
  sends: readonly { at: Date }[],
  asOf: Date,
) {
  const used = caps
    .filter((cap) => cap !== null)
    .map(({ messages, days }) => ({
      messages,
      days,
      used: sends.filter(({ at }) => at.getTime() > asOf.getTime() - days * 86_400_000).length,
    }))
    .toSorted((a, b) => b.used - b.messages - (a.used - a.messages));
  return used[0] ?? { messages: null, days: null, used: null };
}
