import type { Request, Response } from 'express';
import { z } from 'zod';

import { hasRole } from '../../access/viewer.ts';
import { messageClasses } from '../../campaigns/definition/policy.ts';
import { changeTopic, createTopic, type Topic, topicByCode, topicsSeenBy } from '../../consent/topics.ts';
import { Conflict, Invalid, NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { line, parse } from '../../platform/http/parse.ts';
import { localeNames } from '../../platform/locale.ts';
import { translator } from '../../platform/words.ts';
import { only, type Route, route, staff, staffViewerOf } from '../guards.ts';

import { topicName } from './topic-names.ts';

const page = '/console/topics';
const editors = only('csm', 'admin');
const aTopic = { code: 'staff-thing' } as const;
const t = translator('en', 'console');

/** What campaigns may be about: people say yes or no to each of them. */
export const topicRoutes: Route[] = [
  route('get', page, staff(), listTopics),
  route('get', `${page}/new`, editors(), showNew),
  route('post', `${page}/new`, editors(), submitting(create, showNew)),
  route('get', `${page}/:code/edit`, editors(aTopic), showEdit),
  route('post', `${page}/:code/edit`, editors(aTopic), submitting(change, showEdit)),
];

/** The languages that a topic's words are asked for in; regional ones fall back to these. */
const languages = ['en', 'de', 'es', 'fr', 'it', 'ja', 'pt'] as const;

async function listTopics(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const all = await topicsSeenBy(viewer);
  res.render('console/topics/index', {
    topics: all.map((topic) => ({ ...topic, name: topicName(topic), description: descriptionOf(topic) })),
    mayEdit: hasRole(viewer, 'csm', 'admin'),
  });
}

const descriptionOf = ({ code, isSeeded, words }: Topic): string =>
  isSeeded ? t(`topics.${code}.description`, { defaultValue: '' }) : (words.en?.description ?? '');

function showNew(_req: Request, res: Response): void {
  renderForm(res, undefined);
}

function renderForm(res: Response, topic: Topic | undefined): void {
  res.render('console/topics/form', {
    topic, title: topic && topicName(topic), classes: messageClasses.filter((each) => each !== 'transactional'),
    languages: languages.map((code) => ({ code, name: localeNames[code] })),
  }); // prettier-ignore
}

const Words = z.object(
  Object.fromEntries(languages.flatMap((code) => [
    [`name-${code}`, code === 'en' ? line(80) : z.string().trim().max(80).default('')],
    [`description-${code}`, z.string().trim().max(300).default('')],
  ])),
); // prettier-ignore

/** The words in each language that has a name; a description alone is a slip. @throws Invalid */
function wordsOf(body: unknown): Topic['words'] {
  const typed = parse(Words, body) as Record<string, string>;
  const words: Topic['words'] = {};
  for (const code of languages) {
    const [name = '', description = ''] = [typed[`name-${code}`], typed[`description-${code}`]];
    if (name === '' && description !== '') throw new Invalid({ [`name-${code}`]: 'errors.required' });
    if (name !== '') words[code] = { name, description };
  }
  return words;
}

const NewTopic = z.object({
  code: z.string().trim().regex(/^[a-z][a-z0-9-]{0,39}$/, 'consent.topics.errors.code'),
  messageClass: z.enum(['marketing', 'success']),
  asks: z.enum(['optIn', 'optOut']),
}); // prettier-ignore

async function create(req: Request, res: Response): Promise<void> {
  const { code, messageClass, asks } = parse(NewTopic, req.body);
  const words = wordsOf(req.body);
  try {
    await createTopic(req.viewer, { code, messageClass, isOptIn: asks === 'optIn', words });
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    throw new Invalid({ code: 'consent.topics.errors.taken' });
  }
  flash(res, 'consent.topics.created');
  res.redirect(303, page);
}

const codeOf = (req: Request): string => {
  const code = z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .safeParse(req.params.code);
  if (!code.success) throw new NotFound();
  return code.data;
};

async function showEdit(req: Request, res: Response): Promise<void> {
  renderForm(res, await topicByCode(codeOf(req)));
}

async function change(req: Request, res: Response): Promise<void> {
  const topic = await topicByCode(codeOf(req));
  const isOffered = (req.body as Record<string, unknown>).offered === 'on';
  const words = topic.isSeeded ? topic.words : wordsOf(req.body);
  await changeTopic(req.viewer, topic.code, { words, isOffered });
  flash(res, 'consent.topics.changed');
  res.redirect(303, page);
}
