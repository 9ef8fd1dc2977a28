import type { Context } from '../../context.ts';
import { newIds } from '../ids.ts';
import type { Change, Row, SaveHook } from '../hooks.ts';
import { insertAsSystem, knownObject, stampAssignments } from '../system.ts';

/** A first version makes its document and shares it; a later one takes the place of the one before. */
export const versionRules: SaveHook = {
  async beforeSave(ctx, drafts) {
    const created = drafts.filter(({ before }) => !before);
    const first = created.filter(({ row }) => (row.ContentDocumentId ?? null) === null);
    const ids = await newIds(ctx.db, knownObject(ctx, 'ContentDocument'), first.length);
    for (const [at, { row }] of first.entries()) Object.assign(row, { ContentDocumentId: ids[at], VersionNumber: '1' });
    const later = created.filter((draft) => !first.includes(draft));
    const numbers = await lastNumbers(ctx, later.map(({ row }) => row.ContentDocumentId));
    for (const { row } of later) row.VersionNumber = String((numbers.get(String(row.ContentDocumentId)) ?? 0) + 1);
    for (const { row } of created) row.IsLatest = true;
  },
  async afterSave(ctx, changes) {
    const created = changes.filter(({ before }) => !before);
    const first = created.filter(({ after }) => after.VersionNumber === '1');
    await insertAsSystem(ctx, 'ContentDocument', first.map(documentOf));
    await insertAsSystem(ctx, 'ContentDocumentLink', first.flatMap(linksOf));
    await replaceLatest(ctx, created.filter((change) => !first.includes(change)));
  },
}; // prettier-ignore

async function lastNumbers(ctx: Context, documentIds: unknown[]): Promise<Map<string, number>> {
  const { rows } = await ctx.db.query(
    `select "ContentDocumentId" as id, max("VersionNumber"::integer) as number from "ContentVersion"
      where "ContentDocumentId" = any($1::text[]) group by 1`,
    [documentIds],
  );
  return new Map((rows as { id: string; number: number }[]).map(({ id, number }) => [id, number]));
}

const shared = [
  'Title',
  'Description',
  'ContentSize',
  'FileType',
  'FileExtension',
  'ContentModifiedDate',
  'SharingOption',
  'SharingPrivacy',
  'OwnerId',
];

const documentOf = ({ id, after }: Change): Row => ({
  ...Object.fromEntries(shared.map((name) => [name, after[name] ?? null])),
  Id: after.ContentDocumentId ?? null,
  LatestPublishedVersionId: id,
});

/** The owner always has access; the record that the file was published to shows it. */
function linksOf({ after }: Change): Row[] {
  const { ContentDocumentId = null, OwnerId = null, FirstPublishLocationId = null } = after;
  const links = [{ ContentDocumentId, LinkedEntityId: OwnerId, ShareType: 'I' }];
  if (FirstPublishLocationId !== null && FirstPublishLocationId !== OwnerId)
    links.push({ ContentDocumentId, LinkedEntityId: FirstPublishLocationId, ShareType: 'V' });
  return links;
}

async function replaceLatest(ctx: Context, changes: Change[]): Promise<void> {
  for (const { id, after } of changes) {
    await ctx.db.query(
      `update "ContentVersion" set "IsLatest" = false, ${stampAssignments(ctx, knownObject(ctx, 'ContentVersion'))}
        where "ContentDocumentId" = $1 and "Id" <> $2 and "IsLatest"`,
      [after.ContentDocumentId, id],
    );
    await ctx.db.query(
      `update "ContentDocument" d set "LatestPublishedVersionId" = v."Id", "Title" = v."Title", "ContentSize" = v."ContentSize",
              "FileType" = v."FileType", "FileExtension" = v."FileExtension", "ContentModifiedDate" = v."ContentModifiedDate",
              ${stampAssignments(ctx, knownObject(ctx, 'ContentDocument'))}
         from "ContentVersion" v where v."Id" = $2 and d."Id" = $1`,
      [after.ContentDocumentId, id],
    );
  }
}
