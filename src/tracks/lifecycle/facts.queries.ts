import { db, sql } from '../../platform/db.ts';

/** What is done in a module, and when the module was first used by anybody among those who were looked at. */
export interface Deed {
  module: string;
  action: string;
  releasedOn: string;
}

/**
 * What the accounts that came last do most: the busiest module's most common action first, then the second module's, and so on, then the
 * others. A look at two hundred of them, whatever their number.
 */
export async function selectDeeds(): Promise<Deed[]> {
  const { rows } = await sql<Deed>`
    with few as (
      select id from usage_accounts where account_id is not null order by last_seen_at desc limit 200
    ), done as (
      select d.module, d.action, sum(d.events) as times, min(d.day) as first_on
      from few join usage_days d on d.usage_account = few.id where d.module <> '' and d.action <> '' group by 1, 2
    ), ranked as (
      select module, action, times, sum(times) over (partition by module) as of_module,
        min(first_on) over (partition by module) as released_on,
        row_number() over (partition by module order by times desc, action) as place
      from done
    )
    select module, action, to_char(released_on, 'YYYY-MM-DD') as "releasedOn" from ranked
    order by place, of_module desc, module limit 300`.execute(db);
  return rows;
}

/** The product that came last into the price list and is still sold; an add-on rather than another. */
export async function selectNewestProduct(): Promise<string | undefined> {
  const { rows } = await sql<{ name: string }>`
    select name from products
    where is_active and deleted_at is null and kind is distinct from 'Support'
    order by created_at desc nulls last, kind = 'Add-On' desc nulls last, name limit 1`.execute(db);
  return rows[0]?.name;
}
