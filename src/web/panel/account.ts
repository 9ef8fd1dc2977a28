import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import { accountSeenBy } from '../../accounts/accounts.ts';
import { sentenceOf, speechOf } from '../../alerts/words.ts';
import { maybeHealth } from '../../health/health.ts';
import { explanationSeenBy } from '../../health/explained.ts';
import { admitByCanvas, sealPass, Untrusted } from '../../identity/canvas.ts';
import { answerInsight, answers, FEEDBACK_LENGTH } from '../../insights/answers.ts';
import { headlineOf, type Insight } from '../../insights/insights.ts';
import { receiptsOf } from '../../insights/receipts.ts';
import { COURSE_DAYS, scoreCourse } from '../../insights/score-course.ts';
import { config } from '../../platform/config.ts';
import { now } from '../../platform/clock.ts';
import { Conflict, type Expected, Forbidden, NotFound } from '../../platform/errors.ts';
import { log } from '../../platform/log.ts';
import { statusOf } from '../../platform/http/answer-errors.ts';
import { parse, salesforceIdOf } from '../../platform/http/parse.ts';
import type { Locale } from '../../platform/locale.ts';
import { translator } from '../../platform/words.ts';
import { scoreLine } from '../charts/score-line.ts';
import { anyone, route } from '../guards.ts';

import { inSalesforce, type Looking, lookingWith, passIn } from './pass.ts';
import { type PanelSpeech, whyOf } from './why.ts';

/** What reps see of an account on its record in Salesforce (IN6): the panel that a Canvas app shows there. */
const SHOWN = 6;

/** What Salesforce's record is written in. */
const english = translator('en', 'console');

/** Salesforce opens the panel: it posts who looks at which account, signed with the app's consumer secret. */
const open: RequestHandler = async (req, res) => {
  const { signed_request: signed } = req.body as { signed_request?: unknown };
  if (typeof signed !== 'string') throw new Untrusted('unsigned');
  const pass = await admitByCanvas(signed);
  await show(res, await lookingWith(res, pass), sealPass(pass));
};

const Said = z.object({
  insight: z.guid(),
  answer: z.enum(answers),
  feedback: z.string().trim().max(FEEDBACK_LENGTH).default(''),
});

/** Somebody says what became of an insight. The panel is answered at once: without cookies there is nothing to come back with. */
const answer: RequestHandler = async (req, res) => {
  const pass = passIn(req);
  const looking = await lookingWith(res, pass);
  const { insight: insightId, ...said } = parse(Said, req.body);
  await answerInsight(looking.viewer, { insightId, accountId: looking.accountId, ...said });
  res.locals.answered = said.answer;
  await show(res, looking, sealPass(pass));
};

/** In the language of the frame; dates in the zone of whoever looks. */
function speechIn(res: Response): PanelSpeech {
  const { locale, timeZone } = res.locals as { locale: Locale; timeZone: string };
  return { ...speechOf(locale, timeZone), locale, panel: translator(locale, 'panel') };
}

/** A milestone is called as its rule is; a new rank is told in the language of the frame. */
function headlineIn({ headline, rank, previousRank, score }: Insight, speech: PanelSpeech): string {
  if (headline !== null) return headline;
  const data = { rank, previousRank, score };
  return sentenceOf({ kind: 'health.changed', data, personName: null }, speech);
}

async function show(res: Response, { viewer, accountId }: Looking, pass: string): Promise<void> {
  const account = await accountSeenBy(viewer, salesforceIdOf(accountId));
  const [health, scores, receipts] = await Promise.all([
    maybeHealth(viewer, account.id),
    scoreCourse(viewer, account.id),
    receiptsOf(viewer, account.id),
  ]);
  const explained = health && (await explanationSeenBy(viewer, health));
  const speech = speechIn(res);
  res.render('panel/account/show', {
    account,
    health,
    line: scoreLine({ scores, latest: health?.score ?? null, to: now(), days: COURSE_DAYS }),
    why: whyOf(explained?.explanation, speech),
    insights: receipts.slice(0, SHOWN),
    headline: (insight: Insight) =>
      speech.locale.startsWith('en') ? headlineOf(insight, english) : headlineIn(insight, speech),
    profileUrl: `${config.publicUrl}/console/accounts/${account.id}`,
    pass,
  });
}

/** A panel that cannot be shown says why, in its frame. */
export const refusePanel: ErrorRequestHandler = (error: unknown, req: Request, res, next) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  const [status, reason] = refusalOf(error);
  if (status === 500) log.error({ err: error }, 'the panel failed');
  if (status === 401) log.info({ reason, address: req.ip }, 'the panel was not opened');
  res.status(status).render('panel/account/refused', { reason });
};

const reasons: [kind: new (...given: never[]) => Expected, reason: string][] = [
  [Forbidden, 'notStaff'],
  [NotFound, 'noAccount'],
  [Conflict, 'notSentYet'],
];

function refusalOf(error: unknown): [status: number, reason: string] {
  if (error instanceof Untrusted) return [401, error.reason];
  return [statusOf(error), reasons.find(([kind]) => error instanceof kind)?.[1] ?? 'failed'];
}

/** Whoever opens the address by itself learns where the panel is. */
const explain: RequestHandler = () => {
  throw new Untrusted('unsigned');
};

export const panelRoutes = [
  route('get', '/panel/account', anyone(), inSalesforce, explain),
  route('post', '/panel/account', anyone(), inSalesforce, open),
  route('post', '/panel/answers', anyone(), inSalesforce, answer),
];
