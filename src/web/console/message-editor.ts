import express, { type Request, type Response } from 'express';
import { z } from 'zod';

import type { StaffViewer } from '../../access/viewer.ts';
import { sendTest } from '../../campaigns/mailing/test-sends.ts';
import { type MessageContent, messageContent } from '../../content/document.ts';
import { dropDraft, keepDraft, lookAround, maybeDraft } from '../../content/drafts.ts';
import {
  changeMessage,
  type Message,
  mayWrite,
  messageSeenBy,
  versionSeenBy,
} from '../../content/messages.ts';
import { Conflict, Invalid, NotFound, Unavailable } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse, uuidOf } from '../../platform/http/parse.ts';
import { isLocale, type Locale, localeNames } from '../../platform/locale.ts';
import { translator } from '../../platform/words.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { editorData, letters, tableBuilders } from './message-editor-data.ts';
import { problemsTold } from './message-preview.ts';

const page = '/console/messages';
const editors = only('csm', 'admin');
const aMessage = { id: 'staff-thing' } as const;
const t = translator('en', 'console');

/* Ten languages of a long message are larger than a form may be. */
const json = express.json({ limit: '4mb' });

/** The editor: its page, which is a plain form without scripts, and what its scripts ask for. */
export const messageEditorRoutes: Route[] = [
  route('get', `${page}/:id`, staff(aMessage), showEditor),
  route('get', `${page}/:id/edits`, editors(aMessage), showEditor),
  route('post', `${page}/:id/edits`, editors(aMessage), submitting(saveForm, showEditor)),
  route('post', `${page}/:id/saves`, editors(aMessage), json, saveVersion),
  route('post', `${page}/:id/drafts`, editors(aMessage), json, keep),
  route('post', `${page}/:id/presences`, editors(aMessage), json, look),
  route('post', `${page}/:id/draft-removals`, editors(aMessage), forget),
  route('post', `${page}/:id/test-sends`, editors(aMessage), json, test),
];

/** Which part of a message is looked at, as whom, and in which colours. */
export const Look = z.object({
  locale: z.string().refine(isLocale).optional().catch(undefined),
  variant: z.coerce.number().int().min(0).max(25).catch(0),
  person: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().catch(undefined),
  scheme: z.enum(['light', 'dark']).catch('light'),
});

async function showEditor(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const message = await messageSeenBy(viewer, uuidOf(req.params.id));
  const { content, problems } = await versionSeenBy(viewer, message.id);
  const mayEdit = mayWrite(viewer) && message.archivedAt === null;
  const asked = Look.parse({ ...req.query, ...pick(req.body) });
  const part = partOf(content, asked);
  const around = mayEdit ? await lookAround(viewer, message.id, message.version) : undefined;
  const draft = mayEdit ? await maybeDraft(viewer, message.id) : undefined;
  openToStyles(res);
  res.render('console/messages/edit', {
    message, content, part, problems: problemsTold(problems), mayEdit, around, draft, letters, localeNames,
    builders: mayEdit ? await tableBuilders() : [],
    data: mayEdit ? await editorData(message, { content, problems: problemsTold(problems), part, draft }) : undefined,
  }); // prettier-ignore
}

const pick = (body: unknown) =>
  z
    .object({ locale: z.unknown(), variant: z.unknown() })
    .partial()
    .catch({})
    .parse(body ?? {});

/* GrapesJS draws its canvas with styles of its own, and a canvas shows pictures from anywhere. Scripts stay as closed as elsewhere. */
function openToStyles(res: Response): void {
  const policy = String(res.getHeader('Content-Security-Policy'));
  res.setHeader(
    'Content-Security-Policy',
    policy
      .replace(/style-src [^;]*/, "style-src 'self' 'unsafe-inline'")
      .replace(/img-src [^;]*/, "img-src 'self' data: https:"),
  );
}

/** The language and variant that is asked for, where there is one, else the first. */
function partOf(
  content: MessageContent,
  { locale, variant }: { locale?: Locale | undefined; variant: number },
) {
  const { variants, defaultLocale } = content;
  const found =
    variants.find((each) => each.variant === variant && each.locale === (locale ?? defaultLocale)) ??
    variants.find((each) => each.locale === defaultLocale) ??
    variants[0];
  if (found === undefined) throw new Error('a message has a variant');
  return found;
}

/** What the plain form sends: one language of one variant. */
const Typed = z.object({
  base: z.coerce.number().int().min(1),
  name: line(120),
  description: z.string().trim().max(300).default(''),
  locale: z.string().refine(isLocale),
  variant: z.coerce.number().int().min(0),
  subject: z.string().trim().default(''),
  preheader: z.string().trim().default(''),
  body: z.string().default(''),
  text: z.string().default(''),
});

async function saveForm(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const id = uuidOf(req.params.id);
  const typed = parse(Typed, req.body);
  const { content } = await versionSeenBy(viewer, id);
  const { locale, variant, subject, preheader } = typed;
  const body = typed.body.replaceAll('\r\n', '\n');
  const text = typed.text.replaceAll('\r\n', '\n');
  const mine = { locale, variant, subject, preheader, body, ...(text.trim() !== '' && { text }) };
  const isThere = content.variants.some((each) => each.locale === locale && each.variant === variant);
  const variants = isThere
    ? content.variants.map((each) => (each.locale === locale && each.variant === variant ? mine : each))
    : [...content.variants, mine];
  try {
    await changeMessage(viewer, id, {
      name: typed.name,
      description: typed.description,
      base: typed.base,
      content: contentFrom({ ...content, variants }),
    });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    throw new Invalid({ form: 'messages.errors.changedMeanwhile' });
  }
  await dropDraft(viewer, id);
  flash(res, 'messages.saved');
  res.redirect(303, `${page}/${id}?locale=${locale}&variant=${String(variant)}`);
}

/** @throws Invalid by the last step of the path that is wrong: what the plain form calls its fields */
export function contentFrom(input: unknown): MessageContent {
  const read = messageContent.safeParse(input);
  if (read.success) return read.data;
  const fields: Record<string, string> = {};
  for (const { path, message } of read.error.issues) {
    const name = path.filter((step) => typeof step === 'string').at(-1) ?? 'form';
    fields[name] ??= message.startsWith('messages.') ? message : 'errors.invalid';
  }
  throw new Invalid(fields);
}

const Whole = z.object({
  base: z.int().min(1),
  name: line(120),
  description: z.string().trim().max(300),
  content: z.unknown(),
});

/** Saves all languages and variants at once, as a new version. */
async function saveVersion(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const { id } = await messageSeenBy(viewer, uuidOf(req.params.id));
  try {
    const { content, ...rest } = parse(Whole, req.body);
    const version = await changeMessage(viewer, id, { ...rest, content: contentFrom(content) });
    await dropDraft(viewer, id);
    const saved = await versionSeenBy(viewer, id, version);
    res.json({ version, problems: problemsTold(saved.problems) });
  } catch (error) {
    if (error instanceof Conflict) res.status(409).json(await aroundTold(viewer, id));
    else if (error instanceof Invalid) res.status(422).json({ errors: errorsTold(error) });
    else throw error;
  }
}

/** What is wrong, in words. */
export const errorsTold = ({ fields }: Invalid) =>
  Object.entries(fields).map(([field, key]) => ({ field, text: t(key, { defaultValue: key }) }));

async function aroundTold(viewer: StaffViewer, id: string) {
  const { version } = await messageSeenBy(viewer, id);
  return await lookAround(viewer, id, version);
}

const Base = z.object({ base: z.int().min(1) });

async function keep(req: Request, res: Response): Promise<void> {
  const { id } = await messageSeenBy(req.viewer, uuidOf(req.params.id));
  const { base, ...draft } = parse(Base.loose(), req.body);
  res.json(await keepDraft(req.viewer, id, base, draft));
}

async function look(req: Request, res: Response): Promise<void> {
  const { id } = await messageSeenBy(req.viewer, uuidOf(req.params.id));
  res.json(await lookAround(req.viewer, id, parse(Base, req.body).base));
}

async function forget(req: Request, res: Response): Promise<void> {
  const id = uuidOf(req.params.id);
  await dropDraft(req.viewer, id);
  flash(res, 'messages.draftDropped', { kind: 'info' });
  res.redirect(303, `${page}/${id}`);
}

const Test = z.object({
  locale: z.string().refine(isLocale),
  variant: z.coerce.number().int().min(0).max(25),
  person: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
});

/** Sends the newest version to whoever asks, with the values of a person. */
async function test(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const message: Message = await messageSeenBy(viewer, uuidOf(req.params.id));
  try {
    const { locale, variant, person } = parse(Test, req.body);
    await sendTest(viewer, { messageId: message.id, locale, variant, personId: person, to: viewer.email });
    res.json({ to: viewer.email });
  } catch (error) {
    if (error instanceof Invalid) res.status(422).json({ errors: errorsTold(error) });
    else if (error instanceof Unavailable)
      res.status(503).json({ errors: [{ field: 'to', text: t('messages.editor.notTested') }] });
    else if (error instanceof NotFound)
      res.status(422).json({ errors: [{ field: 'person', text: t('messages.editor.nobody') }] });
    else throw error;
  }
}
