import type { Request, Response } from 'express';
import { z } from 'zod';

import {
  addImage, archiveImage, type Image, imageSeenBy, imagesSeenBy, importImage, MOST_BYTES, renameImage,
} from '../../content/images.ts'; // prettier-ignore
import { Invalid } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { showErrors, submitting } from '../../platform/http/forms.ts';
import { readMultipart } from '../../platform/http/multipart.ts';
import { line, parse, searchText, uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import { only, type Route, route } from '../guards.ts';

const page = '/console/images';
const editors = only('csm', 'admin');
const anImage = { id: 'staff-thing' } as const;
const t = translator('en', 'console');

/** The pictures that messages show: handed in or fetched, resized, and served by us. */
export const imageRoutes: Route[] = [
  route('get', page, editors(), listImages),
  route('get', `${page}.json`, editors(), giveImages),
  route('post', page, editors(), upload),
  route('get', `${page}/imports`, editors(), listImages),
  route('post', `${page}/imports`, editors(), submitting(fetchOne, listImages)),
  route('get', `${page}/:id`, editors(anImage), showImage),
  route('post', `${page}/:id`, editors(anImage), submitting(rename, showImage)),
  route('post', `${page}/:id/archivals`, editors(anImage), archive),
];

/* Within the console, pictures come from where the page came from, whatever the public address is. */
const shown = (image: Image) => ({ ...image, path: new URL(image.url).pathname });

const searched = (req: Request): string => z.object({ q: searchText }).parse(req.query).q;

async function listImages(req: Request, res: Response): Promise<void> {
  const q = searched(req);
  const images = await imagesSeenBy(req.viewer, q);
  res.render('console/images/index', { images: images.map(shown), q, mostBytes: MOST_BYTES });
}

async function giveImages(req: Request, res: Response): Promise<void> {
  res.json((await imagesSeenBy(req.viewer, searched(req))).map(shown));
}

/** Answers a script with the picture, and a form with its page. */
async function upload(req: Request, res: Response): Promise<void> {
  const wantsJson = req.accepts(['html', 'json']) === 'json';
  try {
    const image = await received(req);
    if (wantsJson) {
      res.json(shown(image));
      return;
    }
    flash(res, 'messages.images.added', { values: { name: image.name } });
    res.redirect(303, page);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const errors = Object.entries(error.fields).map(([field, key]) => ({ field, text: t(key) }));
    if (wantsJson) {
      res.status(422).json({ errors });
      return;
    }
    showErrors(res, {}, error.fields);
    await listImages(req, res);
  }
}

/** The one picture of a form. @throws Invalid (`file`) */
async function received(req: Request): Promise<Image> {
  const given: { name: string; bytes: Buffer }[] = [];
  const limits = { files: 1, fileBytes: MOST_BYTES, totalBytes: MOST_BYTES + 65_536 };
  await readMultipart(req, limits, async ({ name, bytes }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    given.push({ name, bytes: Buffer.concat(chunks) });
  });
  const [file] = given;
  if (file === undefined || file.bytes.length === 0)
    throw new Invalid({ file: 'messages.images.errors.none' });
  return await addImage(req.viewer, file);
}

async function fetchOne(req: Request, res: Response): Promise<void> {
  const { url } = parse(z.object({ url: z.string().trim().min(1).max(2_000) }), req.body);
  const { name } = await importImage(req.viewer, url);
  flash(res, 'messages.images.added', { values: { name } });
  res.redirect(303, page);
}

async function showImage(req: Request, res: Response): Promise<void> {
  const image = await imageSeenBy(req.viewer, uuidOf(req.params.id));
  res.render('console/images/show', { image: shown(image) });
}

async function rename(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await renameImage(req.viewer, id, parse(z.object({ name: line(120) }), req.body).name);
  flash(res, 'messages.images.renamed');
  res.redirect(303, `${page}/${id}`);
}

async function archive(req: Request, res: Response): Promise<void> {
  await archiveImage(req.viewer, uuidOf(req.params.id));
  flash(res, 'messages.images.archived');
  res.redirect(303, page);
}
