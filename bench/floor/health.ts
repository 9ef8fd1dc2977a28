import type pg from 'pg';

/**
 * The floor of P8: reads what health is made of, every row once, and counts it by account, with memory enough that nothing of it goes to
 * disk and each part of a table added up by itself, as the product does. It writes nothing and judges nobody.
 * @returns the seconds it took
 */
export async function readEverything(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query(`set work_mem = '128MB'; set enable_partitionwise_aggregate = on`);
    const since = performance.now();
    await readAll(client);
    return (performance.now() - since) / 1000;
  } finally {
    client.release(true);
  }
}

async function readAll(client: pg.PoolClient): Promise<void> {
  await client.query(`
    with person as (
      select usage_account, person, count(*) as days, sum(events) as events, bit_or(modules) as modules
      from usage_person_days where day >= current_date - 28 group by 1, 2
    ), used as (
      select usage_account, count(*) as people, sum(events) as events from person group by 1
    ), day as (
      select usage_account, count(*) as days, sum(events) as events, sum(seconds) as seconds
      from usage_account_days where day >= current_date - 28 group by 1
    ), member as (
      select m.usage_account, count(*) as members, count(distinct lower(p.email)) as addresses, max(m.last_on) as last_on
      from usage_members m join usage_people p on p.id = m.person group by 1
    ), cased as (
      select account_id, count(*) as cases, min(created_at) as oldest from cases where deleted_at is null group by 1
    ), known as (
      select account_id, count(*) as contacts from contacts where deleted_at is null group by 1
    ), sold as (
      select account_id, sum(amount_minor) as won from opportunities where deleted_at is null and is_won group by 1
    ), licensed as (
      select account_id, max(support_until) as until, sum(seats) as seats from licenses where deleted_at is null group by 1
    )
    select count(*), sum(d.days), sum(u.people), sum(m.addresses), sum(cases), sum(contacts), sum(won), sum(seats)
    from accounts a
    left join usage_accounts x on x.account_id = a.id
    left join used u on u.usage_account = x.id left join member m on m.usage_account = x.id left join day d on d.usage_account = x.id
    left join cased c on c.account_id = a.id left join known k on k.account_id = a.id
    left join sold s on s.account_id = a.id left join licensed l on l.account_id = a.id
    where a.deleted_at is null`);
}
