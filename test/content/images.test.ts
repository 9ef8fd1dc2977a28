import { deflateSync } from 'node:zlib';

import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import request from 'supertest';

import type { StaffViewer } from '../../src/access/viewer.ts';
import { createApp } from '../../src/app.ts';
import { addImage, archiveImage, imagesSeenBy, importImage } from '../../src/content/images.ts';
import { Forbidden } from '../../src/platform/errors.ts';
import { givenStaff, signedIn, staffViewer } from '../support/people.ts';

const app = createApp();
let csm: StaffViewer;

beforeAll(async () => {
  csm = await staffViewer(await givenStaff({ roles: ['csm'] }));
});

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#0b6e8f' } });

/** A PNG whose head promises this many pixels, with hardly any bytes behind it. */
function bomb(width: number, height: number): Buffer {
  const crcOf = (bytes: Buffer) => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return (crc ^ 0xffffffff) >>> 0;
  };
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crcOf(body));
    return Buffer.concat([length, body, crc]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('a picture that is handed in', () => {
  test('becomes as small as mails need, without what a camera wrote into it, at an address for everybody', async () => {
    const bytes = await picture(2_400, 900)
      .withExif({ IFD0: { Copyright: 'Nora Lund, home' } })
      .jpeg()
      .toBuffer();
    const image = await addImage(csm, { name: 'C:\\photos\\harbour.jpg', bytes });
    expect(image).toMatchObject({ name: 'harbour.jpg', width: 1_200, height: 450, mediaType: 'image/jpeg' });
    const answer = await request(app).get(new URL(image.url).pathname).expect(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((answer.body as Buffer).includes('Nora Lund')).toBe(false);
  });

  test('is kept once, and goes on to be served after it left the library', async () => {
    const bytes = await picture(60, 40).png().toBuffer();
    const first = await addImage(csm, { name: 'one.png', bytes });
    const second = await addImage(csm, { name: 'two.png', bytes });
    expect(second.id).toBe(first.id);
    await archiveImage(csm, first.id);
    expect((await imagesSeenBy(csm)).map(({ id }) => id)).not.toContain(first.id);
    await request(app).get(new URL(first.url).pathname).expect(200);
  });

  test('comes as PNG when it was a WebP with holes', async () => {
    const bytes = await sharp({ create: { width: 30, height: 30, channels: 4, background: '#0000' } })
      .webp()
      .toBuffer();
    expect(await addImage(csm, { name: 'a.webp', bytes })).toMatchObject({ mediaType: 'image/png' });
  });

  test('F21: is refused by its head when it would take gigabytes, and memory stays where it is', async () => {
    const before = process.memoryUsage.rss();
    const caller = await signedIn(app, await givenStaff({ roles: ['csm'] }));
    const answer = await caller
      .post('/console/images')
      .set('accept', 'application/json')
      .attach('file', bomb(50_000, 50_000), 'bomb.png')
      .expect(422);
    expect(answer.text).toContain('too many pixels');
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 1024 * 1024);
  });

  test.each([
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), 'svg'],
    ['HTML with a name of a picture', Buffer.from('<html><script>alert(1)</script></html>'), 'kind'],
    ['half a picture', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), 'broken'],
    ['pixels that are not there', bomb(4_000, 4_000), 'broken'],
  ])('%s is refused', async (_, bytes, problem) => {
    await expect(addImage(csm, { name: 'a.png', bytes })).rejects.toMatchObject({
      fields: { file: `messages.images.errors.${problem}` },
    });
  });
});

test.each([
  'http://tidewater.example/a.png',
  'https://127.0.0.1/a.png',
  'https://[::1]/a.png',
  'https://2130706433/a.png',
  'https://localhost/a.png',
  'https://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
])('%s is not fetched', async (address) => {
  await expect(importImage(csm, address)).rejects.toMatchObject({
    fields: { url: 'messages.images.errors.notPublic' },
  });
});

test('a rep has no library', async () => {
  const rep = await staffViewer(await givenStaff({ roles: ['rep'] }));
  await expect(imagesSeenBy(rep)).rejects.toBeInstanceOf(Forbidden);
  const caller = await signedIn(app, await givenStaff({ roles: ['rep'] }));
  await caller.get('/console/images').expect(403);
});
