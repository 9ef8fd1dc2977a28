import { sql } from '../platform/db.ts';

/** The user who looks after an account's success, else its owner (HE10): a condition or column of a table of accounts. */
export const managerOf = (table = 'a') =>
  sql<string | null>`coalesce(${sql.ref(`${table}.success_manager_id`)}, ${sql.ref(`${table}.owner_id`)})`;
