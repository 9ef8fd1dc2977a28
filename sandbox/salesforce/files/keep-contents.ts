import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';

import { writeBlob } from './blobs.ts';

import type { Draft, SaveHook } from '../records/hooks.ts';

/** Keeps what came in a base64 field; for every object that has one. */
export const keepContents: SaveHook = {
  async afterSave(ctx, changes) {
    for (const { id, binary } of changes)
      for (const content of Object.values(binary)) await writeBlob(ctx.db, id, content);
  },
};

/** Fills in what Salesforce knows of an attachment's content. */
export const measureAttachment: SaveHook = {
  beforeSave(_ctx, drafts) {
    for (const { row, binary } of drafts) if (binary.Body) row.BodyLength = binary.Body.length;
  },
};

/** Fills in what Salesforce knows of a file from its name and content. */
export const measureVersion: SaveHook = {
  beforeSave(ctx, drafts) {
    for (const draft of drafts) {
      nameVersion(draft);
      const { row, binary } = draft;
      if (!binary.VersionData) continue;
      row.ContentSize = binary.VersionData.length;
      row.Checksum = createHash('md5').update(binary.VersionData).digest('hex');
      row.ContentModifiedDate = new Date(
        Math.floor(ctx.org.clock.now().getTime() / 1000) * 1000,
      ).toISOString();
      row.ContentModifiedById = ctx.user.id;
    }
  },
};

function nameVersion({ row, before }: Draft): void {
  const path = row.PathOnClient;
  if (before || typeof path !== 'string') return;
  const name = basename(path.replaceAll('\\', '/'));
  const extension = extname(name).slice(1);
  row.Title ??= extension === '' ? name : name.slice(0, -extension.length - 1);
  row.FileExtension = extension === '' ? null : extension.toLowerCase();
  row.FileType = fileTypes.get(extension.toLowerCase()) ?? 'UNKNOWN';
}

/** Salesforce's names of file types, as far as they are not the extension itself. */
const fileTypes = new Map(Object.entries({
  csv: 'CSV', doc: 'WORD', docx: 'WORD_X', gif: 'GIF', htm: 'HTML', html: 'HTML', jpeg: 'JPG', jpg: 'JPG', json: 'JSON', log: 'TEXT',
  mp4: 'MP4', pdf: 'PDF', png: 'PNG', ppt: 'POWER_POINT', pptx: 'POWER_POINT_X', rtf: 'RTF', svg: 'SVG', txt: 'TEXT', xls: 'EXCEL',
  xlsx: 'EXCEL_X', xml: 'XML', zip: 'ZIP',
})); // prettier-ignore
