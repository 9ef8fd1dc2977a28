import { db, sql } from '../../db.ts';

import { further, type Mirrored } from './mapping.ts';

/** The last change of the mapping; another number means that the mapping is another. */
export async function mappingRevision(): Promise<number> {
  const { rows } = await sql<{ revision: number }>`
    select coalesce(max(id), 0) as revision from mapping_changes`.execute(db);
  return rows[0]?.revision ?? 0;
}

/** What is mirrored: what the code names, as administrators adjusted it, and the objects that they added. */
export async function chosenMappings(base: readonly Mirrored[]): Promise<Mirrored[]> {
  const [objects, leftOut, mapped] = await Promise.all([
    db.selectFrom('chosen_objects').select('sobject').orderBy('chosen_at').orderBy('sobject').execute(),
    db.selectFrom('left_out_fields').selectAll().execute(),
    db.selectFrom('mapped_fields').selectAll().execute(),
  ]);
  const named = new Set(base.map(({ sobject }) => sobject));
  const added = objects.filter(({ sobject }) => !named.has(sobject)).map(({ sobject }) => further(sobject));
  const without = Map.groupBy(leftOut, ({ sobject }) => sobject);
  const elsewhere = Map.groupBy(mapped, ({ sobject }) => sobject);
  return [...base, ...added].map((mapping) => ({
    ...mapping,
    leftOut: (without.get(mapping.sobject) ?? []).map(({ field }) => field),
    columns: {
      ...mapping.columns,
      ...Object.fromEntries(
        (elsewhere.get(mapping.sobject) ?? []).flatMap(({ column_name: name, field }) => {
          const column = mapping.columns[name];
          return column === undefined ? [] : [[name, { ...column, field }]];
        }),
      ),
    },
  }));
}
