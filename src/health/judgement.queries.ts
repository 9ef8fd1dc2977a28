import type { RawBuilder } from 'kysely';

import { sql } from '../platform/db.ts';

import { FLAGGED, turnsOf, UNKNOWN } from './judge.ts';
import { BANDS, RANKS, STEP } from './ranks.ts';
import { isDate, kindOf, type Reading, readingNames } from './readings.ts';
import type { Condition, Flag, Indicator, Settings } from './settings.ts';

/*
 * What judge.ts does for one account, for all of them: a branch of SQL for each profile, over the rows `profiled` of readings. Each
 * step stands behind `offset 0`, which keeps PostgreSQL from working a part out again wherever it is used.
 */

type Sql = RawBuilder<unknown>;

/** What is wanted of a judgement: all, no reasons, or accounts and ranks without their readings. */
export type Parts = 'all' | 'ranks' | 'ranks alone';

export interface Judging {
  id: number;
  version: number;
  settings: Settings;
}

const number = (value: number) => sql`${value}::float8`;

/** A day as the number of days before or after today, a count as it is. */
export function numberIn(reading: Reading, today: string): Sql {
  const column = sql.ref(`r.${reading}`);
  if (!isDate(reading)) return column;
  return kindOf(reading).unit === 'ahead'
    ? sql`(${column} - ${today}::date)`
    : sql`(${today}::date - ${column})`;
}

function points(indicator: Indicator, today: string): Sql {
  const { worst, poor, good, best } = turnsOf(indicator);
  const value = sql`${numberIn(indicator.reading, today)}::float8`;
  const past = sql.raw(good > poor ? '>' : '<');
  const line = (from: number, rise: number, start: number, end: number) =>
    start === end
      ? number(from)
      : sql`${number(from)} + (${number(rise)} * (${value} - ${number(start)})) / ${number(end - start)}`;
  const absent = kindOf(indicator.reading).absent === 'fine' ? number(100) : sql`null::float8`;
  return sql`case
    when ${sql.ref(`r.${indicator.reading}`)} is null then ${absent}
    when ${value} ${past}= ${number(best)} then 100
    when ${value} ${past}= ${number(good)} then ${line(70, 30, good, best)}
    when ${value} ${past} ${number(poor)} then ${line(40, 30, poor, good)}
    when ${value} ${past} ${number(worst)} then ${line(0, 39, worst, poor)}
    else 0 end`;
}

const holds = ({ reading, op, value }: Condition, today: string): Sql =>
  sql`${numberIn(reading, today)} ${sql.raw(op === 'at_least' ? '>=' : '<=')} ${number(value)}`;

const isRaised = (flag: Flag, today: string): Sql =>
  sql`coalesce(${sql.join(
    flag.conditions.map((condition) => holds(condition, today)),
    sql` and `,
  )}, false)`;

const sum = (terms: readonly Sql[], none: Sql): Sql =>
  terms.length === 0 ? none : sql.join(terms, sql` + `);

/** The weighted mean of what is known of one kind; null where nothing is. */
function mean(indicators: readonly Indicator[], kind: Indicator['kind']): Sql {
  const of = indicators.map((one, index) => ({ ...one, index })).filter((one) => one.kind === kind);
  if (of.length === 0) return sql`null::float8`;
  const total = of.map(({ index, weight }) => sql`coalesce(${column('i', index)} * ${number(weight)}, 0)`);
  const weights = of.map(
    ({ index, weight }) => sql`case when ${column('i', index)} is null then 0 else ${number(weight)} end`,
  );
  return sql`(${sum(total, sql`0`)}) / nullif(${sum(weights, sql`0`)}, 0)`;
}

const column = (letter: 'i' | 'f', index: number) => sql.ref(`${letter}${String(index)}`);

const graded = (points: Sql): Sql =>
  sql`case when ${points} >= ${RANKS.good}::int then 'good' when ${points} >= ${RANKS.average}::int then 'average' else 'poor' end`;

const clamped = (rank: keyof typeof BANDS): Sql =>
  sql`when ${rank}::text then greatest(${BANDS[rank].from}::int, least(${BANDS[rank].to}::int, stepped))`;

/** Rank and score of the accounts of one profile. Without `reasons`, they are left empty: a preview needs none. */
function branch({ id, version, settings }: Judging, today: string, parts: Parts): Sql {
  const { indicators, flags, shift } = settings;
  const read = [
    ...indicators.map((one, index) => sql`${points(one, today)} as ${column('i', index)}`),
    ...flags.map((one, index) => sql`${isRaised(one, today)} as ${column('f', index)}`),
  ];
  const raised = sum(
    flags.map((_flag, index) => sql`${column('f', index)}::int`),
    sql`0`,
  );
  const scored = sql`
    select w.*, case when raised > 0 then 'poor' else ${graded(sql`base`)} end as rank,
      (${STEP}::int * floor(case when raised > 0 then least(base + moved, ${number(FLAGGED.most)} - ${number(FLAGGED.each)} * (raised - 1))
                       else base + moved end / ${number(STEP)} + 0.5::float8))::int as stepped
    from (
      select m.*, coalesce(main, side, ${number(UNKNOWN)}) as base,
        case when main is null or side is null then 0 else (${number(shift)} * (side - 50)) / 50 end as moved
      from (
        select p.*, ${mean(indicators, 'primary')} as main, ${mean(indicators, 'secondary')} as side, ${raised} as raised
        from (select r.*${read.length > 0 ? sql`, ${sql.join(read)}` : sql``} from profiled r where r.profile_id = ${id}::int offset 0) p
        offset 0
      ) m offset 0
    ) w offset 0`;
  const words = parts === 'all' ? inWords({ id, version, settings }, scored) : inNoWords(scored);
  return sql`
    select ${kept('k', parts)}, k.rank, case k.rank ${clamped('good')} ${clamped('average')} ${clamped('poor')} end as score,
      ${words.reasons} as reasons, ${words.missing} as missing, ${words.gist} as gist, ${id}::int as profile_id, ${version}::int as profile_version
    from ${words.from}`;
}

interface Words {
  reasons: Sql;
  missing: Sql;
  gist: Sql;
  /** The rows `k` that they are about. */
  from: Sql;
}

/** Of an account of which what counts is as it was when this profile judged it last (`h`), the same is said again. */
function inWords({ id, version, settings }: Judging, scored: Sql): Words {
  const same = ['gist', ...readingNames];
  const of = (table: string) => sql.join(same.map((name) => sql.ref(`${table}.${name}`)));
  const unless = (again: string, said: Sql) =>
    sql`case when h.account_id is not null then ${sql.ref(`h.${again}`)} else ${said} end`;
  return {
    reasons: unless('reasons', reasons(settings)),
    missing: unless('missing', missing(settings.indicators)),
    gist: sql`k.gist`,
    from: sql`
      (select k.*, ${gist(settings)} as gist from (${scored}) k offset 0) k
      left join health h on h.account_id = k.account_id and h.profile_id = ${id}::int and h.profile_version = ${version}::int
        and (${of('h')}) is not distinct from (${of('k')})`,
  };
}

const inNoWords = (scored: Sql): Words => ({
  reasons: sql`'[]'::jsonb`,
  missing: sql`'[]'::jsonb`,
  gist: sql`''`,
  from: sql`(${scored}) k`,
});

const keptNames = ['account_id', 'status', 'stage', 'contract_minor', 'renewal_on', ...readingNames] as const;
const kept = (alias: string, parts: Parts) =>
  sql.join(
    (parts === 'ranks alone' ? keptNames.slice(0, 1) : keptNames).map((name) => sql.ref(`${alias}.${name}`)),
  );

function reasons({ indicators, flags }: Settings): Sql {
  const all = [
    ...flags.map(
      ({ code, conditions }, index) =>
        sql`case when ${column('f', index)} then ${reason('flag', code, sql`'poor'`, conditions)} end`,
    ),
    ...inOrder(indicators).map(({ kind, reading, index }) => {
      const own = column('i', index);
      const when = kind === 'primary' ? sql`${own} is not null` : sql`${own} < ${RANKS.good}::int`;
      return sql`case when ${when} then ${reason(kind, reading, graded(own), [{ reading }])} end`;
    }),
  ];
  return all.length === 0
    ? sql`'[]'::jsonb`
    : sql`to_jsonb(array_remove(array[${sql.join(all)}]::jsonb[], null))`;
}

/** The primary ones first. */
const inOrder = (indicators: readonly Indicator[]) => {
  const placed = indicators.map((one, index) => ({ ...one, index }));
  return [
    ...placed.filter(({ kind }) => kind === 'primary'),
    ...placed.filter(({ kind }) => kind === 'secondary'),
  ];
};

function reason(kind: string, code: string, grade: Sql, facts: readonly { reading: Reading }[]): Sql {
  const each = facts.map(
    ({ reading }) =>
      sql`jsonb_build_object('reading', ${reading}::text, 'value', ${sql.ref(`k.${reading}`)})`,
  );
  return sql`jsonb_build_object('kind', ${kind}::text, 'code', ${code}::text, 'grade', ${grade}, 'facts', jsonb_build_array(${sql.join(each)}))`;
}

function missing(indicators: readonly Indicator[]): Sql {
  const each = indicators.map(
    ({ reading }, index) => sql`case when ${column('i', index)} is null then ${reading}::text end`,
  );
  return each.length === 0 ? sql`'[]'::jsonb` : sql`to_jsonb(array_remove(array[${sql.join(each)}], null))`;
}

/** What of a judgement is news when it changes: which flags are up with what, and each indicator's grade; not each day's count of use. */
function gist({ indicators, flags }: Settings): Sql {
  const words = [
    ...flags.map(({ conditions }, index) => {
      const values = conditions.map(({ reading }) => newsOf(reading));
      return sql`case when ${column('f', index)} then concat_ws(':', 'f' || ${index}::text, ${sql.join(values)}) end`;
    }),
    ...indicators.map(({ kind, reading }, index) => {
      const own = column('i', index);
      const value =
        kind === 'primary'
          ? newsOf(reading)
          : sql`case when ${own} < ${RANKS.good}::int then ${newsOf(reading)} end`;
      return sql`concat_ws(':', ${index}::text, coalesce(left(${graded(own)}, 1), '-'), ${value})`;
    }),
  ];
  return words.length === 0 ? sql`''` : sql`concat_ws(' ', ${sql.join(words)})`;
}

const newsOf = (reading: Reading): Sql =>
  kindOf(reading).source === 'usage' ? sql`null::text` : sql`${sql.ref(`k.${reading}`)}::text`;

/**
 * The CTE `judged`, from `profiled`: every row of readings with rank, score, reasons, missing readings, gist and profile; without
 * them where no profile judges, since only paying accounts are ranked (AP1).
 */
export function judgement(profiles: readonly Judging[], today: string, parts: Parts = 'all'): Sql {
  const unjudged = sql`
    select ${kept('r', parts)}, null::text as rank, null::int as score, '[]'::jsonb as reasons, '[]'::jsonb as missing, '' as gist,
      null::int as profile_id, null::int as profile_version
    from profiled r where r.profile_id is null`;
  return sql`judged as (${sql.join([...profiles.map((one) => branch(one, today, parts)), unjudged], sql` union all `)})`;
}
