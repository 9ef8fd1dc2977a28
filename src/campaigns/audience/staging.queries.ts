import type { RawBuilder } from 'kysely';

import type { MessageVersion } from '../../content/content.ts';
import { locales } from '../../platform/locale.ts';
import { sql, type Tx } from '../../platform/db.ts';
import { compile, existing, selecting } from '../../rules/compile.ts';
import type { Catalog } from '../../rules/fields.ts';

import { countryPlaces } from './countries.ts';
import type { Fixed, Source } from '../runs/runs.ts';

/*
 * The audience is frozen in a temporary table of the planning transaction, analyzed, and everything after that is asked of this table:
 * a condition that somebody wrote is estimated at a handful of rows or at all of them, and one statement for the whole would be planned by that guess.
 */

export interface Asked {
  fixed: Fixed;
  catalog: Catalog;
  now: Date;
  /** The version that would be sent; undefined where there is none. */
  message: MessageVersion | undefined;
  /** The zone of people of whom nothing says where they are. */
  zone: string;
  /** Only people of these accounts: a query of ids, for one person's explanation. */
  among?: RawBuilder<unknown> | undefined;
}

/** More than this many, and the tables are read whole instead of being looked up person by person. */
const LARGE = 5_000;

/**
 * Freezes the audience in `plan_people`, with everybody's language and zone, best known first: what they chose, their contact's, their
 * country's, the house's. @returns how many they are
 */
export async function stageAudience(tx: Tx, asked: Asked): Promise<number> {
  await settle(tx, { isLarge: asked.among === undefined && mayBeLarge(asked.fixed.source) });
  await sql`
    create temporary table plan_people on commit drop as
    select p.id as person_id, p.account_id, p.email_normalized as address, p.usage_person is not null as is_user,
      ${entryOf(asked.fixed.source)} as entry,
      case when p.email_normalized is not null then sha256((select salt from erasure_salt) || convert_to(p.email_normalized, 'UTF8')) end as hash,
      coalesce(${known(sql`whose.locale`)}, ${known(sql`said.locale`)}, place.locale, 'en') as locale,
      coalesce(nullif(whose.time_zone, 'UTC'), place.zone, ${asked.zone}) as zone
    from ${peopleOf(asked)}`.execute(tx);
  await sql`analyze plan_people`.execute(tx);
  const { rows } = await sql<{ count: number }>`select count(*) from plan_people`.execute(tx);
  const count = rows[0]?.count ?? 0;
  await settle(tx, { isLarge: count > LARGE });
  return count;
}

const mayBeLarge = (source: Source): boolean =>
  source.kind === 'list' || (source.kind === 'wave' && source.people > LARGE);

/** Which time around it is for them. */
const entryOf = (source: Source): RawBuilder<unknown> =>
  source.kind === 'wave' ? sql`brought.entry` : sql`1::smallint`;

async function settle(tx: Tx, { isLarge }: { isLarge: boolean }): Promise<void> {
  await sql`
    select set_config('enable_nestloop', ${isLarge ? 'off' : 'on'}, true), set_config('work_mem', '64MB', true),
           set_config('random_page_cost', '1.1', true), set_config('default_statistics_target', '10', true),
           set_config('jit', 'off', true)`.execute(tx);
}

/** The people that a run is about: those whom its source brings, as far as its list has them. */
function peopleOf({ fixed, catalog, now, among: accounts }: Asked): RawBuilder<unknown> {
  const { audience, source } = fixed;
  const brought = broughtBy(fixed) ?? { people: sql`true`, accounts: undefined, join: sql`` };
  const among = accounts ?? brought.accounts;
  const today = now.toISOString().slice(0, 10);
  const asked = { catalog, today, among };
  const isOfPeople = audience?.entity === 'person';
  const { sources, condition } = isOfPeople
    ? compile(audience.rule, { ...asked, entity: 'person' })
    : { sources: sql``, condition: sql<boolean>`true` };
  const ofAccounts =
    audience?.entity === 'account'
      ? sql`p.account_id in (${selecting(audience.rule, { ...asked, entity: 'account' })})`
      : sql`true`;
  const isNobody = audience === null && source.kind === 'list';
  return sql`
    account_people p join accounts a on a.id = p.account_id ${brought.join ?? sql``}
    left join people whose on whose.email = p.email_normalized
    left join contacts said on said.id = p.contact_id and said.locale is not null
    left join json_to_recordset(${JSON.stringify(countryPlaces)}::json) as place (country text, zone text, locale text)
      on place.country = lower(a.billing_country) ${sources}
    where ${existing({ among })} and ${condition} and ${ofAccounts} and ${brought.people} and not ${isNobody}::boolean`;
}

interface Brought {
  /** A query of the ids of their accounts. */
  accounts: RawBuilder<unknown>;
  /** Who of these accounts, over `p`. */
  people: RawBuilder<boolean>;
  join?: RawBuilder<unknown>;
}

function broughtBy({ source }: Pick<Fixed, 'source'>): Brought | undefined {
  if (source.kind === 'list') return undefined;
  if (source.kind === 'changes') {
    const rows = sql`
      from segment_changes c where c.batch = ${source.batch} and c.segment_id = ${source.segmentId} and c.change = ${source.moment} and c.cause <> 'rule'`;
    return {
      accounts: sql`select c.account_id ${rows}`,
      people: sql<boolean>`
        (p.id::text in (select c.entity_id ${rows}) or p.account_id in (select c.entity_id ${rows}))`,
    };
  }
  if (source.kind === 'signals') {
    const rows = sql`from signals g where g.batch = ${source.batch} and g.kind = ${source.signal} and g.rule_id is null`;
    return {
      accounts: sql`select g.account_id ${rows}`,
      people: sql<boolean>`
        (p.id in (select g.person ${rows}) or p.account_id in (select g.account_id ${rows} and g.person is null))`,
    };
  }
  if (source.kind === 'wave') {
    const { wave } = source;
    return {
      accounts: sql`
        select i.account_id from track_path w join account_people i on i.id = w.person_id where w.wave = ${wave}`,
      people: sql<boolean>`true`,
      join: sql`join track_path brought on brought.wave = ${wave} and brought.person_id = p.id`,
    };
  }
  const { personIds, accountIds } = source;
  return {
    accounts: sql`
      select unnest(${accountIds}::text[]) union select account_id from account_people where id = any(${personIds}::bigint[])`,
    people: sql<boolean>`(p.id = any(${personIds}::bigint[]) or p.account_id = any(${accountIds}::text[]))`,
  };
}

/** How many the audience has, and its hash: sha256 over the ids in ascending order, eight bytes each. */
export async function hashAudience(tx: Tx): Promise<{ count: number; hash: Buffer }> {
  const { rows } = await sql<{ count: number; hash: Buffer }>`
    select count(*), sha256(coalesce(string_agg(int8send(person_id), '' order by person_id), '')) as hash from plan_people`.execute(
    tx,
  );
  return rows[0] ?? { count: 0, hash: Buffer.alloc(32) };
}

/** The audience's ids, ascending. */
export async function selectAudience(tx: Tx): Promise<number[]> {
  const { rows } = await sql<{ ids: number[] | null }>`
    select json_agg(person_id order by person_id) as ids from plan_people`.execute(tx);
  return rows[0]?.ids ?? [];
}

/** Somebody who would get it. */
export interface Sampled {
  personId: number;
  name: string;
  email: string | null;
  accountId: string;
  accountName: string;
  locale: string;
}

/** The first of those who are left, by name. */
export async function sample(tx: Tx): Promise<Sampled[]> {
  const { rows } = await sql<Sampled>`
    select c.person_id as "personId", p.name, c.address as email, c.account_id as "accountId", a.name as "accountName", c.locale
    from plan_people c join account_people p on p.id = c.person_id join accounts a on a.id = c.account_id
    where not exists (select from plan_refused r where r.person_id = c.person_id)
    order by lower(p.name), c.person_id limit 20`.execute(tx);
  return rows;
}

/** A locale of ours, or the language that it begins with: de_DE is de. */
function known(locale: RawBuilder<unknown>): RawBuilder<unknown> {
  const ours = sql`${[...locales]}::text[]`;
  const written = sql`replace(${locale}, '_', '-')`;
  return sql`case when ${written} = any(${ours}) then ${written}
    when split_part(${written}, '-', 1) = any(${ours}) then split_part(${written}, '-', 1) end`;
}
