import sharp, { type Metadata } from 'sharp';

import { Invalid } from '../platform/errors.ts';

/** A picture as mails can show it. */
export interface Picture {
  bytes: Buffer;
  mediaType: 'image/png' | 'image/jpeg' | 'image/gif';
  width: number;
  height: number;
}

/** Of a file that is handed in. */
export const MOST_BYTES = 10 * 1024 * 1024;

/** Of all frames together: what they take when they are unpacked is four bytes each. */
const MOST_PIXELS = 40_000_000;
const MOST_FRAMES = 200;

/** Mails are 600 pixels wide; screens have up to two for each. */
const WIDEST = 1_200;
const HIGHEST = 2_400;
const LONGEST_SECONDS = 15;
const MOST_BYTES_SERVED = 3 * 1024 * 1024;

sharp.cache(false);
sharp.concurrency(1);

type Kind = 'png' | 'jpeg' | 'gif' | 'webp';

/** By the first bytes, whatever a name or a header says. What is XML or anything else is none of these. */
function kindOf(bytes: Buffer): Kind | undefined {
  const text = bytes.subarray(0, 12).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  return text.startsWith('RIFF') && text.endsWith('WEBP') ? 'webp' : undefined;
}

const refused = (key: string) => new Invalid({ file: `messages.images.errors.${key}` });

let queue: Promise<unknown> = Promise.resolve();

/**
 * Makes of a file a picture that mails can show: unpacked only when its head says that it is small enough (F21), without what cameras write
 * into it, not wider than mails need. One after the other, so that memory stays bounded.
 * @throws Invalid (`file`)
 */
export async function pictureOf(file: Buffer): Promise<Picture> {
  const kind = kindOf(file);
  if (kind === undefined) throw refused(looksLikeSvg(file) ? 'svg' : 'kind');
  if (file.length > MOST_BYTES) throw refused('large');
  const turn = queue.then(() => made(file, kind));
  queue = turn.catch(() => undefined);
  return await turn;
}

const looksLikeSvg = (file: Buffer): boolean => /<svg[\s>]/i.test(file.subarray(0, 2_000).toString('latin1'));

async function made(file: Buffer, kind: Kind): Promise<Picture> {
  const head = await headOf(file, kind);
  const frames = head.pages ?? 1;
  const isMoving = frames > 1;
  if (frames > MOST_FRAMES || head.width * (head.pageHeight ?? head.height) * frames > MOST_PIXELS)
    throw refused('pixels');
  try {
    const resized = sharp(file, { animated: isMoving, limitInputPixels: MOST_PIXELS, failOn: 'error' })
      .timeout({ seconds: LONGEST_SECONDS })
      .rotate()
      .resize({ width: WIDEST, height: HIGHEST, fit: 'inside', withoutEnlargement: true });
    const { format, mediaType } = formatOf(head, kind);
    const { data, info } = await resized
      .toFormat(format, options[format])
      .toBuffer({ resolveWithObject: true });
    if (data.length > MOST_BYTES_SERVED) throw refused('heavy');
    return { bytes: data, mediaType, width: info.width, height: info.pageHeight ?? info.height };
  } catch (error) {
    if (error instanceof Invalid) throw error;
    throw refused('broken');
  }
}

async function headOf(file: Buffer, kind: Kind): Promise<Metadata> {
  try {
    const head = await sharp(file, {
      limitInputPixels: false,
      animated: kind === 'gif' || kind === 'webp',
    }).metadata();
    if (head.format !== kind) throw refused('broken');
    return head;
  } catch (error) {
    if (error instanceof Invalid) throw error;
    throw refused('broken');
  }
}

const options = {
  png: { compressionLevel: 9, palette: false },
  jpeg: { quality: 84, mozjpeg: true },
  gif: {},
} as const;

/* Outlook shows no WebP: it becomes what it is most like. */
function formatOf(
  { hasAlpha, pages }: Metadata,
  kind: Kind,
): { format: 'png' | 'jpeg' | 'gif'; mediaType: Picture['mediaType'] } {
  if (kind === 'gif' || (kind === 'webp' && (pages ?? 1) > 1))
    return { format: 'gif', mediaType: 'image/gif' };
  if (kind === 'png' || hasAlpha) return { format: 'png', mediaType: 'image/png' };
  return { format: 'jpeg', mediaType: 'image/jpeg' };
}
