import type { Request, Response } from 'express';
import { z } from 'zod';

import { differences, type DiffLine } from '../../content/differences.ts';
import type { MessageContent, Variant } from '../../content/document.ts';
import { linkReport } from '../../content/link-report.ts';
import { changeMessage, mayWrite, messageSeenBy, versionSeenBy, versionsOf } from '../../content/messages.ts';
import { Conflict, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { localeNames } from '../../platform/locale.ts';
import { only, type Route, route, staff } from '../guards.ts';

import { letterOf } from './message-preview.ts';

const page = '/console/messages';
const aMessage = { id: 'staff-thing' } as const;
const aVersion = { id: 'staff-thing', version: 'staff-thing' } as const;

/** What a message said before: its versions, what differs between them, and bringing one back. And where its links lead. */
export const messageVersionRoutes: Route[] = [
  route('get', `${page}/:id/versions`, staff(aMessage), listVersions),
  route('get', `${page}/:id/versions/:version`, staff(aVersion), showVersion),
  route('post', `${page}/:id/versions/:version/restorations`, only('csm', 'admin')(aVersion), bringBack),
  route('get', `${page}/:id/links`, only('csm', 'admin')(aMessage), showLinks),
];

async function listVersions(req: Request, res: Response): Promise<void> {
  const message = await messageSeenBy(req.viewer, uuidOf(req.params.id));
  const versions = await versionsOf(req.viewer, message.id);
  res.render('console/messages/versions', { message, versions, mayEdit: mayWrite(req.viewer) });
}

const numberOf = (parameter: unknown): number => {
  const read = z.coerce.number().int().min(1).max(2_000_000_000).safeParse(parameter);
  if (!read.success) throw new NotFound();
  return read.data;
};

async function showVersion(req: Request, res: Response): Promise<void> {
  const { viewer } = req;
  const message = await messageSeenBy(viewer, uuidOf(req.params.id));
  const number = numberOf(req.params.version);
  const against = z
    .object({
      against: z.coerce
        .number()
        .int()
        .min(1)
        .max(message.version)
        .catch(Math.max(1, number - 1)),
    })
    .parse(req.query).against;
  const [shown, other, versions] = await Promise.all([
    versionSeenBy(viewer, message.id, number),
    versionSeenBy(viewer, message.id, against),
    versionsOf(viewer, message.id),
  ]);
  res.render('console/messages/version', {
    message, shownVersion: number, against, versions, content: shown.content, changes: changesBetween(other.content, shown.content), mayEdit: mayWrite(viewer),
    localeNames,
  }); // prettier-ignore
}

interface Change {
  /** Which language of which variant; undefined for what all share. */
  where: string | undefined;
  /** Words `messages.parts.<what>`. */
  what: string;
  lines: DiffLine[];
}

/** What differs between two versions, part by part; the lines that stay the same are left out but for some around each change. */
function changesBetween(before: MessageContent, after: MessageContent): Change[] {
  const parts = [...after.variants, ...before.variants.filter((each) => find(after, each) === undefined)];
  const shared = [
    {
      what: 'tables',
      before: JSON.stringify(before.tables, null, 2),
      after: JSON.stringify(after.tables, null, 2),
    },
    { what: 'weights', before: before.weights.join(' : '), after: after.weights.join(' : ') },
    {
      what: 'defaultLocale',
      before: localeNames[before.defaultLocale],
      after: localeNames[after.defaultLocale],
    },
  ].map((each) => ({ ...each, where: undefined }));
  const own = parts.flatMap((part) => {
    const [old, now] = [find(before, part), find(after, part)];
    const where = `${localeNames[part.locale]}${after.weights.length > 1 ? ` ${letterOf(part.variant)}` : ''}`;
    return (['subject', 'preheader', 'body', 'text'] as const).map((what) => ({
      where, what, before: old?.[what] ?? '', after: now?.[what] ?? '',
    })); // prettier-ignore
  });
  return [...own, ...shared]
    .filter((each) => each.before !== each.after)
    .map(({ where, what, ...texts }) => ({
      where,
      what,
      lines: nearby(differences(texts.before, texts.after)),
    }));
}

const find = ({ variants }: MessageContent, { locale, variant }: Variant) =>
  variants.find((each) => each.locale === locale && each.variant === variant);

const AROUND = 2;

const nearby = (lines: DiffLine[]): DiffLine[] =>
  lines.filter((_line, i) =>
    lines.slice(Math.max(0, i - AROUND), i + AROUND + 1).some(({ kind }) => kind !== 'same'),
  );

/** What an older version said becomes the newest. */
async function bringBack(req: Request, res: Response): Promise<void> {
  const { viewer } = req;
  const message = await messageSeenBy(viewer, uuidOf(req.params.id));
  const number = numberOf(req.params.version);
  const { content } = await versionSeenBy(viewer, message.id, number);
  const { name, description, version: base } = message;
  try {
    await changeMessage(viewer, message.id, { name, description, content, base });
    flash(res, 'messages.broughtBack', { values: { number } });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    flash(res, 'messages.errors.changedMeanwhile', { kind: 'warning' });
  }
  res.redirect(303, `${page}/${message.id}`);
}

async function showLinks(req: Request, res: Response): Promise<void> {
  const message = await messageSeenBy(req.viewer, uuidOf(req.params.id));
  const uncounted = message.problems.filter(({ code }) => code === 'uncounted').map(({ detail }) => detail);
  const links = await linkReport(req.viewer, message.id);
  res.render('console/messages/links', { message, links, uncounted: [...new Set(uncounted)] });
}
