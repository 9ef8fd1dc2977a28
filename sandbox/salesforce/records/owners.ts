import type { Context } from '../context.ts';
import { saveError } from '../errors.ts';
import type { SaveError } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import { sound } from './work.ts';
import type { Work } from './work.ts';

/** Rejects rows that would belong to somebody inactive, or to a queue that doesn't take records of the object. */
export async function checkOwners(ctx: Context, sobject: SObject, works: Work[]): Promise<void> {
  if (!sobject.field('OwnerId')) return;
  const given = sound(works).filter(({ row, before }) =>
    isNewOwner(row.OwnerId, before?.OwnerId, ctx.user.id),
  );
  if (given.length === 0) return;
  const { rows } = await ctx.db.query(
    `select u."Id" as id, 'inactive' as state from "User" u where u."Id" = any($1::text[]) and not u."IsActive"
      union all
     select g."Id", case when g."Type" = 'Queue' then 'queue' else 'group' end from "Group" g
      where g."Id" = any($1::text[]) and not exists (
        select from "QueueSobject" q where q."QueueId" = g."Id" and g."Type" = 'Queue' and lower(q."SobjectType") = lower($2))`,
    [[...new Set(given.map(({ row }) => row.OwnerId))], sobject.name],
  );
  const wrong = new Map((rows as { id: string; state: string }[]).map(({ id, state }) => [id, state]));
  for (const { row, errors } of given) {
    const state = wrong.get(String(row.OwnerId));
    if (state !== undefined) errors.push(errorOf(sobject, String(row.OwnerId), state));
  }
}

const isNewOwner = (owner: unknown, former: unknown, self: string) =>
  typeof owner === 'string' && owner !== former && owner !== self;

function errorOf(sobject: SObject, id: string, state: string): SaveError {
  if (state === 'inactive')
    return saveError(
      'INACTIVE_OWNER_OR_USER',
      `operation performed with inactive user [${id.slice(0, 15)}] as owner of ${sobject.label.toLowerCase()}`,
    );
  if (state === 'queue')
    return saveError('INVALID_OPERATION', 'Queue not associated with this SObject type', ['OwnerId']);
  return saveError('INVALID_CROSS_REFERENCE_KEY', 'Owner ID: owner cannot be blank', ['OwnerId']);
}
