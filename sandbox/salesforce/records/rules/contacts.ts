import { quote } from '../../../database.ts';
import type { Context } from '../../context.ts';
import { saveError } from '../../errors.ts';
import type { Change, SaveHook } from '../hooks.ts';
import { insertAsSystem, knownObject, stampAssignments } from '../system.ts';

/** A contact's own account is also one of its account relationships, the direct one. */
export const contactRules: SaveHook = {
  async afterSave(ctx, changes) {
    const moved = changes.filter(({ before, after }) => (before?.AccountId ?? null) !== (after.AccountId ?? null));
    if (moved.length === 0) return;
    await endDirect(ctx, moved.filter(({ before }) => before));
    await beginDirect(ctx, moved.filter(({ after }) => typeof after.AccountId === 'string'));
  },
}; // prettier-ignore

async function endDirect(ctx: Context, moved: Change[]): Promise<void> {
  if (moved.length === 0) return;
  const stamps = stampAssignments(ctx, knownObject(ctx, 'AccountContactRelation'));
  await ctx.db.query(
    `update "AccountContactRelation" set "IsDeleted" = true, ${stamps}
      where "ContactId" = any($1::text[]) and "IsDirect" and not "IsDeleted"`,
    [moved.map(({ id }) => id)],
  );
}

async function beginDirect(ctx: Context, moved: Change[]): Promise<void> {
  if (moved.length === 0) return;
  const pairs = [moved.map(({ id }) => id), moved.map(({ after }) => after.AccountId)];
  const stamps = stampAssignments(ctx, knownObject(ctx, 'AccountContactRelation'));
  const { rows } = await ctx.db.query(
    `update "AccountContactRelation" r set "IsDirect" = true, "IsActive" = true, ${stamps}
       from unnest($1::text[], $2::text[]) m(contact, account)
      where r."ContactId" = m.contact and r."AccountId" = m.account and not r."IsDeleted" returning m.contact`,
    pairs,
  );
  const known = new Set((rows as { contact: string }[]).map((row) => row.contact));
  const fresh = moved.filter(({ id }) => !known.has(id));
  await insertAsSystem(
    ctx,
    'AccountContactRelation',
    fresh.map(({ id, after }) => ({
      ContactId: id,
      AccountId: after.AccountId ?? null,
      IsDirect: true,
      IsActive: true,
    })),
  );
}

/** After a merge: the direct relationship of each contact is the one to its own account. */
export async function settleRelations(ctx: Context, masterId: string): Promise<void> {
  await ctx.db.query(
    `update "AccountContactRelation" r set "IsDirect" = c."AccountId" is not distinct from r."AccountId"
       from "Contact" c
      where c."Id" = r."ContactId" and not r."IsDeleted" and $1 in (r."AccountId", r."ContactId")
        and r."IsDirect" <> (c."AccountId" is not distinct from r."AccountId")`,
    [masterId],
  );
}

/** A contact is related to an account once. */
export const accountContactRelationRules: SaveHook = {
  async beforeSave(ctx, drafts) {
    const created = drafts.filter(({ before }) => !before);
    const { rows } = await ctx.db.query(
      `select ${quote('ContactId')} || ${quote('AccountId')} as pair from "AccountContactRelation" r
        where not "IsDeleted" and "ContactId" = any($1::text[])`,
      [created.map(({ row }) => row.ContactId)],
    );
    const taken = new Set((rows as { pair: string }[]).map(({ pair }) => pair));
    for (const { row, errors } of created) {
      const pair = `${String(row.ContactId)}${String(row.AccountId)}`;
      if (taken.has(pair))
        errors.push(
          saveError('DUPLICATE_VALUE', 'This contact already has a relationship with this account.'),
        );
      taken.add(pair);
    }
  },
};
