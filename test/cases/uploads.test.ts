import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import '../../src/platform/salesforce/mirror/tables.ts';
import type { AccountViewer } from '../../src/access/viewer.ts';
import { caseSeenBy, openCase } from '../../src/cases/cases.ts';
import { noteDeliveries } from '../../src/cases/deliveries.ts';
import { attach, replyToCase } from '../../src/cases/replies.ts';
import { fileSeenBy } from '../../src/cases/files.ts';
import {
  forgetUploads,
  MAX_FILE_BYTES,
  receiveUpload,
  uploadedBytes,
  waitingUploads,
} from '../../src/cases/uploads.ts';
import { DAY, HOUR, moveClock } from '../../src/platform/clock.ts';
import { db, pool } from '../../src/platform/db.ts';
import { Invalid, NotFound } from '../../src/platform/errors.ts';
import { givenFile } from '../support/case-history.ts';
import { givenAccount, givenCase } from '../support/mirror.ts';
import { customerViewer, givenCustomer } from '../support/people.ts';

async function* streamed(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function given(
  viewer: AccountViewer,
  name = 'backup.log',
  bytes = Buffer.from('12:00 started\n'),
): Promise<string> {
  const received = await receiveUpload(viewer, name, streamed(bytes));
  if ('problem' in received) throw new Error(received.problem);
  return received.id;
}

async function bytesOf(uploadId: string): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for await (const piece of uploadedBytes(uploadId)) pieces.push(piece);
  return pieces;
}

const rowsLeft = async (table: 'uploads' | 'upload_chunks') => {
  const { count } = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
};

let maya: AccountViewer;

beforeAll(async () => {
  maya = await customerViewer(await givenCustomer({ name: 'Maya Okafor' }));
});

afterAll(async () => {
  await pool.end();
});

describe('a file handed in', () => {
  test('comes back byte for byte until Salesforce has it, and from there afterwards', async () => {
    const { id: caseId } = await givenCase({ account: { id: maya.accountId } });
    const bytes = randomBytes(700_001);
    const uploadId = await given(maya, 'トレース\u202Egnp.bin', bytes);
    await attach(maya, caseId, [uploadId]);
    const [entry] = (await caseSeenBy(maya, caseId)).timeline;
    expect(entry).toMatchObject({
      kind: 'file',
      name: 'トレース gnp.bin',
      size: 700_001,
      isPending: true,
      isCustomers: true,
      author: 'Maya Okafor',
    });

    const file = await fileSeenBy(maya, caseId, entry?.id ?? '');
    expect(file.kept).toEqual({ uploadId });
    expect(Buffer.concat(await bytesOf(uploadId)).equals(bytes)).toBe(true);

    const delivered = [{ rapportId: uploadId, salesforceId: '068000000000001AAA', outboxId: 1 }];
    await noteDeliveries({ sobject: 'ContentVersion', rows: delivered });
    await noteDeliveries({ sobject: 'ContentVersion', rows: delivered });
    const later = await fileSeenBy(maya, caseId, entry?.id ?? '');
    expect(later.kept).toEqual({ versionId: '068000000000001AAA' });
    await forgetUploads();
    expect(await bytesOf(uploadId)).not.toEqual([]);
    moveClock(2 * HOUR);
    await forgetUploads();
    moveClock(-2 * HOUR);
    expect(await bytesOf(uploadId)).toEqual([]);
  });

  test('goes to Salesforce after its case', async () => {
    const uploadId = await given(maya, 'screen shot.txt');
    const opened = { id: randomUUID(), subject: 'S', description: 'D', priority: 'low' as const };
    await openCase(maya, opened, [uploadId]);
    const rows = await db
      .selectFrom('outbox')
      .selectAll()
      .where('serial_key', '=', `Case:${opened.id}`)
      .orderBy('id')
      .execute();
    expect(rows.map((row) => row.sobject)).toEqual(['Case', 'ContentVersion']);
    expect(rows[1]).toMatchObject({
      rapport_id: uploadId, fields: { Title: 'screen shot', PathOnClient: 'screen shot.txt', Rapport_Id__c: uploadId },
      parent: { field: 'FirstPublishLocationId', sobject: 'Case', rapportId: opened.id },
    }); // prettier-ignore
  });

  test('keeps its address once the mirror shows it, and vanishes when Support stops sharing it', async () => {
    const on = await givenCase({ account: { id: maya.accountId } });
    const uploadId = await given(maya);
    await attach(maya, on.id, [uploadId]);
    const { documentId, versionId } = await givenFile(on, {
      title: 'backup',
      extension: 'log',
      rapportId: uploadId,
    });
    const { timeline } = await caseSeenBy(maya, on.id);
    expect(timeline).toMatchObject([
      { id: uploadId, name: 'backup.log', isCustomers: true, isPending: false },
    ]);
    expect((await fileSeenBy(maya, on.id, uploadId)).kept).toEqual({ versionId });
    await db
      .updateTable('file_links')
      .set({ deleted_at: new Date() })
      .where('document_id', '=', documentId)
      .execute();
    expect((await caseSeenBy(maya, on.id)).timeline).toEqual([]);
  });

  test('may have 25 MB and not a byte more; nothing stays of one that is refused', async () => {
    const before = await rowsLeft('upload_chunks');
    const whole = Buffer.alloc(MAX_FILE_BYTES, 1);
    expect(await receiveUpload(maya, 'large.bin', streamed(whole, 1_000_000))).toMatchObject({
      size: MAX_FILE_BYTES,
    });
    const after = await rowsLeft('upload_chunks');
    expect(after - before).toBe(100);
    const over = await receiveUpload(
      maya,
      'larger.bin',
      streamed(Buffer.concat([whole, Buffer.from('x')]), 1_000_000),
    );
    expect(over).toEqual({ name: 'larger.bin', problem: 'large' });
    expect(await rowsLeft('upload_chunks')).toBe(after);
  });

  test('is refused when it is empty, a program, or not what its name says', async () => {
    const refused = async (name: string, bytes: Buffer | string) => {
      const received = await receiveUpload(maya, name, streamed(Buffer.from(bytes)));
      return 'problem' in received ? received.problem : 'taken';
    };
    expect(await refused('empty.log', '')).toBe('empty');
    expect(await refused('setup.exe', 'anything')).toBe('program');
    expect(await refused('notes.txt', 'MZ\u0090\u0000')).toBe('program');
    expect(await refused('photo.png', '<svg onload=alert(1)>')).toBe('mismatch');
    expect(await refused('report.pdf', 'PK\u0003\u0004')).toBe('mismatch');
    expect(await refused('photo.png', Buffer.from('89504e470d0a1a0a', 'hex'))).toBe('taken');
    expect(await refused('page.html', '<script>alert(1)</script>')).toBe('taken');
  });

  test('leaves nothing when its sender breaks off', async () => {
    const before = await rowsLeft('uploads');
    async function* broken(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.alloc(600_000, 65));
      throw new Error('aborted');
    }
    await expect(receiveUpload(maya, 'a.log', broken())).rejects.toThrow('aborted');
    expect(await rowsLeft('uploads')).toBe(before);
  });

  test('is forgotten after a day when its form was never sent', async () => {
    const forgotten = await given(maya);
    const { id: caseId } = await givenCase({ account: { id: maya.accountId } });
    const sent = await given(maya);
    await attach(maya, caseId, [sent]);
    moveClock(DAY + 1);
    await forgetUploads();
    moveClock(-DAY - 1);
    expect(await waitingUploads(maya, [forgotten])).toEqual([]);
    expect(await bytesOf(sent)).toHaveLength(1);
  });
});

describe("somebody else's file", () => {
  test('cannot be attached, nor shown on a form', async () => {
    const account = { id: maya.accountId, name: maya.accountName };
    const colleague = await customerViewer(await givenCustomer({ account }));
    const { id: caseId } = await givenCase({ account });
    const theirs = await given(colleague);
    expect(await waitingUploads(maya, [theirs])).toEqual([]);
    await expect(attach(maya, caseId, [theirs])).rejects.toThrow(Invalid);
    const sent = replyToCase(maya, caseId, { id: randomUUID(), text: 'With a file' }, [theirs]);
    await expect(sent).rejects.toMatchObject({ fields: { files: 'cases.errors.filesGone' } });
    expect((await caseSeenBy(maya, caseId)).timeline).toEqual([]);
  });

  test('cannot be taken from one case into another', async () => {
    const account = { id: maya.accountId };
    const [one, other] = [await givenCase({ account }), await givenCase({ account })];
    const uploadId = await given(maya);
    await attach(maya, one.id, [uploadId]);
    await attach(maya, one.id, [uploadId]);
    await expect(attach(maya, other.id, [uploadId])).rejects.toThrow(Invalid);
    await expect(fileSeenBy(maya, other.id, uploadId)).rejects.toThrow(NotFound);
    const stranger = await customerViewer(await givenCustomer({ account: await givenAccount() }));
    await expect(fileSeenBy(stranger, one.id, uploadId)).rejects.toThrow(NotFound);
  });
});
