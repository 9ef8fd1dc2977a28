import { db, sql } from '../../db.ts';

import type { Mirrored } from '../mirror/mapping.ts';
import type { Owner } from './merge-fields.ts';

/** Who has the last word about a field of an object. */
export type OwnerOf = (sobject: string, field: string) => Owner;

/**
 * The owners as they are now: what the table says, which administrators may change; else our own fields are ours, and all others
 * are shared.
 */
export async function fieldOwners(mappings: readonly Mirrored[]): Promise<OwnerOf> {
  const { rows } = await sql<{ sobject: string; field: string; owner: Owner }>`
    select sobject, field, owner from field_owners`.execute(db);
  const known = new Map(rows.map(({ sobject, field, owner }) => [`${sobject}.${field}`, owner]));
  const own = new Set(
    mappings.flatMap(({ sobject, ownFields = [] }) => ownFields.map((field) => `${sobject}.${field}`)),
  );
  return (sobject, field) => {
    const name = `${sobject}.${field}`;
    return known.get(name) ?? (own.has(name) || field.startsWith('Rapport_') ? 'rapport' : 'shared');
  };
}
