import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';

import {
  acknowledge, alertSeenBy, ALERTS_A_PAGE, inboxOf, inboxStates, kindOf, mute, mutesOf, reopen, rulesInInbox, snooze, type Snooze,
  snoozes, told, unmute, unread,
} from '../../alerts/inbox.ts'; // prettier-ignore
import { kindNames } from '../../alerts/kinds.ts';
import { nameOf, speechOf } from '../../alerts/words.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { pageNumber, parse } from '../../platform/http/parse.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

const page = '/console/inbox';
const anAlert = { id: 'own-thing' } as const;

/** One's own inbox of alerts: what waits, what sleeps, what is done, and what one does not want to hear of. */
export const inboxRoutes: Route[] = [
  route('get', page, staff(), showInbox),
  route('get', `${page}/unread`, staff(), tellUnread),
  route('get', `${page}/:id`, staff(anAlert), showAlert),
  route('post', `${page}/acknowledgements`, staff(), acknowledgeSome),
  route('post', `${page}/reopenings`, staff(), reopenSome),
  route('post', `${page}/snoozes`, staff(), snoozeSome),
  route('post', '/console/mutes', staff(), muteSome),
  route('post', '/console/mutes/:id/removals', staff({ id: 'own-thing' }), takeMuteBack),
];

/** Has every page of the console show in its head how many alerts wait for whoever looks at it. */
export const showUnread: RequestHandler = async (req, res, next) => {
  if (req.method === 'GET' && req.viewer.kind === 'staff') res.locals.inbox = await unread(req.viewer);
  next();
};

const Query = z.object({
  state: z.enum(inboxStates).catch('open'),
  rule: z.guid().optional().catch(undefined),
  kind: z.string().optional().catch(undefined).transform(kindOf),
  page: pageNumber,
});

async function showInbox(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const asked = Query.parse(req.query);
  const filter = { state: asked.state, ruleId: asked.rule, trigger: asked.kind };
  const [{ alerts, total }, rules, mutes] = await Promise.all([
    inboxOf(viewer, filter, asked.page),
    rulesInInbox(viewer),
    mutesOf(viewer),
  ]);
  const speech = speechOf('en', viewer.timeZone);
  res.render('console/inbox/index', {
    asked, total, here: asked.page, pages: Math.max(1, Math.ceil(total / ALERTS_A_PAGE)),
    alerts: alerts.map((alert) => told(alert, viewer.timeZone)),
    rules: rules.map((rule) => ({ value: rule.id, label: nameOf(rule, speech) })),
    mutes: mutes.map((one) => ({ ...one, rule: one.ruleName && nameOf({ code: one.code, name: one.ruleName }, speech) })),
    kinds: kindNames, states: inboxStates, snoozes: Object.keys(snoozes),
    isFiltered: asked.rule !== undefined || asked.kind !== undefined,
  }); // prettier-ignore
}

/** Asked by open pages every few seconds: small, and from an index. */
async function tellUnread(req: Request, res: Response): Promise<void> {
  res.json(await unread(staffViewerOf(req)));
}

async function showAlert(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const alert = await alertSeenBy(viewer, numberOf(req.params.id));
  res.render('console/inbox/show', { alert: told(alert, viewer.timeZone), snoozes: Object.keys(snoozes) });
}

const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

function numberOf(parameter: unknown): number {
  const result = id.safeParse(parameter);
  if (!result.success) throw new NotFound();
  return result.data;
}

const one = <T extends z.ZodType>(item: T) =>
  z.preprocess((given) => (given === undefined ? [] : [given].flat()), z.array(item).max(500));

const Chosen = z.object({ ids: one(id) });

async function acknowledgeSome(req: Request, res: Response): Promise<void> {
  const count = await acknowledge(staffViewerOf(req), parse(Chosen, req.body).ids);
  flash(res, count === 0 ? 'inbox.nothingChosen' : 'inbox.acknowledged', {
    kind: count === 0 ? 'info' : 'success',
    values: { count },
  });
  res.redirect(303, backTo(req));
}

async function reopenSome(req: Request, res: Response): Promise<void> {
  await reopen(staffViewerOf(req), parse(Chosen, req.body).ids);
  res.redirect(303, backTo(req));
}

const Snoozing = Chosen.extend({
  length: z.enum(Object.keys(snoozes) as [Snooze, ...Snooze[]]).catch('tomorrow'),
});

async function snoozeSome(req: Request, res: Response): Promise<void> {
  const { ids, length } = parse(Snoozing, req.body);
  const count = await snooze(staffViewerOf(req), ids, length);
  if (count > 0) flash(res, `inbox.snoozed.${length}`);
  else flash(res, 'inbox.nothingChosen', { kind: 'info' });
  res.redirect(303, backTo(req));
}

const none = z.literal('').transform(() => undefined);
const Muting = z.object({
  rule: none.or(z.guid()).optional(),
  account: none.or(z.string().regex(/^[a-z0-9]{15,18}$/i)).optional(),
});

async function muteSome(req: Request, res: Response): Promise<void> {
  const { rule, account } = parse(Muting, req.body);
  if (rule !== undefined || account !== undefined) {
    const what = {
      ...(rule === undefined ? {} : { ruleId: rule }),
      ...(account === undefined ? {} : { accountId: account }),
    };
    await mute(staffViewerOf(req), what);
    flash(res, 'inbox.muted');
  }
  res.redirect(303, backTo(req));
}

async function takeMuteBack(req: Request, res: Response): Promise<void> {
  await unmute(staffViewerOf(req), numberOf(req.params.id));
  flash(res, 'inbox.unmuted');
  res.redirect(303, `${page}#mutes`);
}

/** The page of the console that a form was sent from; the inbox where the browser does not say. */
export function backTo(req: Request, otherwise = page): string {
  const from = URL.parse(req.get('referer') ?? '');
  const isOurs = from?.host === req.host && /^\/console(\/|$)/.test(from.pathname);
  return isOurs ? from.pathname + from.search : otherwise;
}
