const id = (prefix: string, number: string) => `'${prefix}' || lpad((${number})::text, 15, '0')`;

/** Accounts in families of five, each with five people and two licenses, and the indexes and tables that the floor needs. */
export function people(count: number): string[] {
  const accounts = Math.ceil(count / 5);
  return [
    `insert into accounts (id, name, industry, type, billing_country, parent_id, attributes, created_at, modified_at)
     select ${id('001', 'n')}, 'Harbour & Sons ' || n, (array['Retail', 'Energy', 'Health', 'Media', 'Banking'])[n % 5 + 1], 'Customer', 'Germany',
       case when n % 5 > 0 then ${id('001', 'n - n % 5')} end, '{}', now() - interval '2 years', now()
     from generate_series(0, ${String(accounts - 1)}) n`,
    `insert into account_people (account_id, contact_id, email_normalized, name, title, engagement)
     select ${id('001', 'n / 5')}, ${id('003', 'n')}, 'p' || n || '@harbour' || n % 997 || '.example', 'Ada <' || n || '>', 'Head of Harbours', n % 100
     from generate_series(0, ${String(count - 1)}) n`,
    `insert into licenses (id, account_id, edition, version, code, kind, seats, status, is_trial, purchased_on, support_until, name, attributes, modified_at)
     select ${id('a01', 'n')}, ${id('001', 'n / 2')}, 'Server', '12.1', 'C-' || n, 'License', 5 + n % 200, 'Active', false, '2025-01-01',
       date '2026-01-01' + n % 700, 'L-' || n, '{}', now()
     from generate_series(0, ${String(accounts * 2 - 1)}) n`,
    `create table floor_deliveries (like deliveries including all) with (fillfactor = 50)`,
    `create table floor_events (event_id text primary key, run_id bigint, n integer, kind text)`,
    `vacuum analyze`,
  ];
}
