import type { Pool } from 'pg';

/** The fields whose every change is kept, on both sides, under Salesforce's name. */
const watched = {
  Case: { table: 'cases', columns: { Subject: 'subject', Status: 'status', Priority: 'priority' } },
  Contact: { table: 'contacts', columns: { Title: 'title', Phone: 'phone' } },
  Account: { table: 'accounts', columns: { Name: 'name', Phone: 'phone' } },
} as const;

/** One value that a field took, in the org or in the mirror, oldest first. */
export interface Taken {
  side: 'org' | 'mirror';
  sobject: keyof typeof watched;
  /** Salesforce's id in the org, the table's key in the mirror. */
  id: string;
  field: string;
  value: string | null;
  /** The Salesforce user who wrote it; null in the mirror. */
  by: string | null;
}

/** Triggers that write down what happens to the watched fields. */
export async function createHistory(pool: Pool) {
  await pool.query(`
    create table public.convergence_history (
      seq bigint generated always as identity, side text, sobject text, id text, field text, value text, by text);
    create function public.keep_org_history() returns trigger language plpgsql as $$
    declare field text; old_row jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) end; new_row jsonb := to_jsonb(new);
    begin
      foreach field in array tg_argv[1:] loop
        if tg_op = 'INSERT' or old_row ->> field is distinct from new_row ->> field then
          insert into public.convergence_history (side, sobject, id, field, value, by)
          values ('org', tg_argv[0], new_row ->> 'Id', field, new_row ->> field, new_row ->> 'LastModifiedById');
        end if;
      end loop;
      return null;
    end $$;
    create function public.keep_mirror_history() returns trigger language plpgsql as $$
    declare pair text; field text; col text;
      old_row jsonb := case when tg_op = 'UPDATE' then to_jsonb(old) end; new_row jsonb := to_jsonb(new);
    begin
      foreach pair in array tg_argv[1:] loop
        field := split_part(pair, '=', 1); col := split_part(pair, '=', 2);
        if tg_op = 'INSERT' or old_row ->> col is distinct from new_row ->> col then
          insert into public.convergence_history (side, sobject, id, field, value)
          values ('mirror', tg_argv[0], new_row ->> 'id', field, new_row ->> col);
        end if;
      end loop;
      return null;
    end $$;`);
  for (const [sobject, { table, columns }] of Object.entries(watched)) {
    const fields = Object.keys(columns).map((field) => `, '${field}'`);
    const pairs = Object.entries(columns).map(([field, column]) => `, '${field}=${column}'`);
    await pool.query(`
      create trigger keep_history after insert or update on sandbox."${sobject}"
        for each row execute function public.keep_org_history('${sobject}'${fields.join('')});
      create trigger keep_history after insert or update on public.${table}
        for each row execute function public.keep_mirror_history('${sobject}'${pairs.join('')});`);
  }
  return async (): Promise<Taken[]> => {
    const { rows } = await pool.query(
      'select side, sobject, id, field, value, by from public.convergence_history order by seq',
    );
    return rows as Taken[];
  };
}
