import type { Db } from '../../database.ts';

/** A setting of the org that outlives a restart; undefined until it is set. */
export async function maybeState(db: Db, name: string): Promise<unknown> {
  const { rows } = await db.query('select value from _state where name = $1', [name]);
  return (rows as { value: unknown }[])[0]?.value;
}

/** Keeps a setting of the org. */
export async function keepState(db: Db, name: string, value: unknown): Promise<void> {
  await db.query(
    'insert into _state (name, value) values ($1, $2) on conflict (name) do update set value = $2',
    [name, JSON.stringify(value)],
  );
}

/** Whether each refresh gives a new refresh token and ends the old one. */
export const isRotating = async (db: Db): Promise<boolean> => (await maybeState(db, 'rotate')) === true;
