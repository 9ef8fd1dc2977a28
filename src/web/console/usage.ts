import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { proofSecret } from '../../campaigns/outcomes/in-app.ts';
import { config } from '../../platform/config.ts';
import { Invalid, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { readMultipart } from '../../platform/http/multipart.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { importFile, imports } from '../../usage/imports.ts';
import { formatOf } from '../../usage/lines.ts';
import { ignore, matchTo, rejectedMessages, unmatchedAccounts } from '../../usage/settling.ts';
import { createSource, revokeKey, rotateKey, sources } from '../../usage/write-keys.ts';
import { only, route, staffViewerOf } from '../guards.ts';

const NewSource = z.object({ name: line(80) });
const Key = z.object({ key: line(100) });
const Match = z.object({ accountId: line(18) });

const example = `curl ${config.publicUrl}/v1/track -u WRITE_KEY: -H 'content-type: application/json' \\
  -d '{"userId":"42","event":"Restored a file","context":{"groupId":"halden"}}'`;

const tag = `<script async src="${config.publicUrl}/js/sensor.js" data-key="WRITE_KEY"
        data-user="42" data-account="halden"
        data-proof="HMAC-SHA256 of 42 under the secret, in hex"></script>`;

async function showSources(req: Request, res: Response): Promise<void> {
  const known = await sources(staffViewerOf(req));
  res.render('console/usage/sources', {
    sources: known.map((source) => ({ ...source, secret: proofSecret(source.id) })),
    example,
    tag,
  });
}

async function showImports(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const [found, known] = [await imports(viewer), await sources(viewer)];
  res.render('console/usage/imports', { ...found, sources: known });
}

const LARGEST_FILE = 2_000_000_000;
const upload = { files: 1, fileBytes: LARGEST_FILE, totalBytes: LARGEST_FILE + 100_000 };

/** The file is imported while it arrives; its source is named before it in the form. */
async function receiveImport(req: Request, res: Response): Promise<void> {
  const { personId } = staffViewerOf(req);
  const known = await sources(staffViewerOf(req));
  let sum: { taken: number; refused: number } | undefined;
  await readMultipart(req, upload, async ({ name, bytes }, { source }) => {
    const sourceId = known.find(({ id }) => String(id) === source)?.id;
    if (sourceId === undefined) throw new Invalid({ source: 'errors.required' });
    sum = await importFile({ sourceId, name, format: formatOf(name), personId }, bytes);
  });
  if (sum === undefined) throw new Invalid({ file: 'errors.required' });
  const values = { taken: sum.taken, refused: sum.refused };
  if (sum.refused > 0) flash(res, 'usage.importedPartly', { kind: 'warning', values });
  else flash(res, 'usage.imported', { values });
  res.redirect(303, '/console/usage/imports');
}

async function addSource(req: Request, res: Response): Promise<void> {
  await createSource(staffViewerOf(req), parse(NewSource, req.body).name);
  flash(res, 'usage.sourceAdded');
  res.redirect(303, '/console/usage');
}

const addKey: RequestHandler = async (req, res) => {
  await rotateKey(staffViewerOf(req), integerOf(req.params.source));
  flash(res, 'usage.keyAdded');
  res.redirect(303, '/console/usage');
};

async function revoke(req: Request, res: Response): Promise<void> {
  await revokeKey(staffViewerOf(req), parse(Key, req.body).key);
  flash(res, 'usage.keyRevoked');
  res.redirect(303, '/console/usage');
}

async function showUnmatched(req: Request, res: Response): Promise<void> {
  res.render('console/usage/unmatched', await unmatchedAccounts(staffViewerOf(req)));
}

async function match(req: Request, res: Response): Promise<void> {
  const id = integerOf(req.params.usageAccount);
  await matchTo(staffViewerOf(req), id, parse(Match, req.body).accountId);
  flash(res, 'usage.matched');
  res.redirect(303, '/console/usage/accounts');
}

const ignoreOne: RequestHandler = async (req, res) => {
  await ignore(staffViewerOf(req), integerOf(req.params.usageAccount));
  flash(res, 'usage.ignored');
  res.redirect(303, '/console/usage/accounts');
};

const showRejections: RequestHandler = async (req, res) => {
  res.render('console/usage/rejections', { rejections: await rejectedMessages(staffViewerOf(req)) });
};

function integerOf(parameter: unknown): number {
  const parsed = z.coerce.number().int().min(1).max(2_147_483_647).safeParse(parameter);
  if (!parsed.success) throw new NotFound();
  return parsed.data;
}

const admins = only('admin');
const settlers = only('csm', 'admin');
const aUsageAccount = { usageAccount: 'staff-thing' } as const;

export const consoleUsageRoutes = [
  route('get', '/console/usage', admins(), showSources),
  route('post', '/console/usage/sources', admins(), submitting(addSource, showSources)),
  route('post', '/console/usage/sources/:source/keys', admins({ source: 'staff-thing' }), addKey),
  route('post', '/console/usage/revocations', admins(), submitting(revoke, showSources)),
  route('get', '/console/usage/imports', admins(), showImports),
  route('post', '/console/usage/imports', admins(), submitting(receiveImport, showImports)),
  route('get', '/console/usage/accounts', settlers(), showUnmatched),
  route(
    'post',
    '/console/usage/accounts/:usageAccount/matches',
    settlers(aUsageAccount),
    submitting(match, showUnmatched),
  ),
  route('post', '/console/usage/accounts/:usageAccount/ignored', settlers(aUsageAccount), ignoreOne),
  route('get', '/console/usage/rejections', admins(), showRejections),
];
