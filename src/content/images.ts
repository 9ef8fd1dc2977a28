import { createHash } from 'node:crypto';

import { type StaffViewer, type Viewer } from '../access/viewer.ts';
import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { Forbidden, Invalid, NotFound } from '../platform/errors.ts';
import { fetchPublicly, NotPublic } from '../platform/public-web.ts';

import * as queries from './images.queries.ts';
import { mayWrite } from './messages.ts';
import { MOST_BYTES, type Picture, pictureOf } from './pictures.ts';

export { MOST_BYTES } from './pictures.ts';

/** A picture of the library. */
export interface Image {
  id: string;
  hash: string;
  name: string;
  mediaType: Picture['mediaType'];
  width: number;
  height: number;
  /** Bytes. */
  size: number;
  sourceUrl: string | null;
  createdAt: Date;
  createdByName: string | null;
  /** Where everybody can see it, for ever: what messages say. */
  url: string;
}

const endings = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/gif': 'gif' } as const;

const withUrl = (image: Omit<Image, 'url'>): Image => ({
  ...image,
  url: `${config.publicUrl}/media/${image.hash}.${endings[image.mediaType]}`,
});

function writerOf(viewer: Viewer): StaffViewer {
  if (!mayWrite(viewer)) throw new Forbidden();
  return viewer;
}

/** The library, the newest first. @throws Forbidden */
export async function imagesSeenBy(viewer: Viewer, search = ''): Promise<Image[]> {
  writerOf(viewer);
  return (await queries.selectImages(search)).map(withUrl);
}

/** One picture of it. @throws NotFound, Forbidden */
export async function imageSeenBy(viewer: Viewer, id: string): Promise<Image> {
  writerOf(viewer);
  const image = await queries.selectImage(id);
  if (image === undefined) throw new NotFound();
  return withUrl(image);
}

interface Given {
  name: string;
  bytes: Buffer;
  sourceUrl?: string;
}

/** Takes a picture into the library. @throws Invalid (`file`) for what is none, or too large a one */
export async function addImage(viewer: Viewer, { name, bytes, sourceUrl }: Given): Promise<Image> {
  const { personId } = writerOf(viewer);
  const picture = await pictureOf(bytes);
  const hash = createHash('sha256').update(picture.bytes).digest('hex');
  const id = await queries.insertImage({
    ...picture, hash, personId, name: nameFrom(name), sourceUrl: sourceUrl ?? null, now: now(),
  }); // prettier-ignore
  return await imageSeenBy(viewer, id);
}

const nameFrom = (name: string): string =>
  (name.split(/[/\\]/).at(-1) ?? '').replaceAll(/\p{C}/gu, '').trim().slice(0, 120) || 'image';

/**
 * Fetches a picture from the public web into the library: never from networks within, however a name resolves.
 * @throws Invalid (`url`, `file`)
 */
export async function importImage(viewer: Viewer, address: string): Promise<Image> {
  writerOf(viewer);
  const bytes = await fetched(address);
  return await addImage(viewer, { name: decodedName(address), bytes, sourceUrl: address });
}

async function fetched(address: string): Promise<Buffer> {
  try {
    const { status, bytes } = await fetchPublicly(address, { most: MOST_BYTES });
    if (status === 200) return bytes;
  } catch (error) {
    if (error instanceof NotPublic) throw new Invalid({ url: 'messages.images.errors.notPublic' });
  }
  throw new Invalid({ url: 'messages.images.errors.notFetched' });
}

function decodedName(address: string): string {
  const path = URL.parse(address)?.pathname ?? '';
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Calls a picture something else. */
export async function renameImage(viewer: Viewer, id: string, name: string): Promise<void> {
  await imageSeenBy(viewer, id);
  await queries.updateName(id, nameFrom(name));
}

/** Puts a picture out of the library. Its address goes on to work: messages that were sent name it. */
export async function archiveImage(viewer: Viewer, id: string): Promise<void> {
  await imageSeenBy(viewer, id);
  await queries.updateImageArchived(id, now());
}

/** The bytes of a picture by their hash, for everybody; undefined when there is none. */
export const imageBytes = queries.selectBytes;
