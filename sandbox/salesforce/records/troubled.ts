import type { Context } from '../context.ts';
import type { SObject } from '../schema/catalog.ts';
import type { Work } from './work.ts';

/** Refuses the rows that the control plane wants to go wrong: their records are held by somebody else, as they see it. */
export function refuseTroubled(ctx: Context, sobject: SObject, works: Work[]): void {
  const rows = works.map(({ id, row, foreignKeys }) => ({
    id,
    values: [...Object.values(row), ...foreignKeys.map(({ value }) => value)],
  }));
  for (const [at, error] of ctx.org.trouble.ofRows(sobject.name, rows)) {
    const work = works[at];
    if (work?.errors.length === 0) work.errors.push(error);
  }
}
