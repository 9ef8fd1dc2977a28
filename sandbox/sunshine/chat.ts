import express from 'express';

import { icon } from '../pages/icons.ts';
import * as store from './store.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { Messaging } from './messages.ts';

/**
 * `/chat`: the chat of the company's website, as each person sees it. Whoever opens theirs has read it; what they answer reaches the company.
 * `/chat/<external id>.json` for programs.
 */
export function chatRoutes(org: Org, messaging: Messaging): Router {
  const router = express.Router();
  router.use('/chat', withPolicy);
  router.get('/chat', async (req, res) => {
    const search = typeof req.query.search === 'string' ? req.query.search : '';
    res.render('chat/people', { users: await store.usersWithConversations(org.pool, search), search, icon });
  });
  router.get('/chat/:person.json', async (req, res) => {
    const user = await store.maybeUser(org.pool, req.params.person);
    const conversations = user === undefined ? [] : await conversationsOf(org, user, messaging);
    res.json({ conversations });
  });
  router.get('/chat/:person', async (req, res) => {
    const user = await store.maybeUser(org.pool, req.params.person);
    if (user === undefined) res.status(404).render('chat/missing', { icon });
    else
      res.render('chat/conversation', {
        user,
        conversations: await conversationsOf(org, user, messaging),
        icon,
      });
  });
  router.post('/chat/:person/messages', express.urlencoded({ extended: false }), async (req, res) => {
    await answer(org, messaging, {
      person: req.params.person,
      body: req.body as Record<string, unknown>,
    });
    res.redirect(303, `/chat/${encodeURIComponent(req.params.person)}#last`);
  });
  return router;
}

/** Looked at, and so read. */
async function conversationsOf(org: Org, user: store.User, messaging: Messaging) {
  const all = await store.conversationsOf(org.pool, user.id);
  const shown = [];
  for (const conversation of all.reverse()) {
    const { messages } = await store.messagesOf(org.pool, conversation.id, { size: 100 });
    const own = (await store.participantsOf(org.pool, conversation.id)).find(
      ({ userId }) => userId === user.id,
    );
    if (own !== undefined) await messaging.read(conversation, own);
    shown.push({ ...conversation, messages });
  }
  return shown;
}

interface Answered {
  person: string;
  body: Record<string, unknown>;
}

/** A text, or a button that tells something; somebody who was never written to begins a conversation by it. */
async function answer(org: Org, messaging: Messaging, { person, body }: Answered): Promise<void> {
  const user = await store.maybeUser(org.pool, person);
  const text = typeof body.text === 'string' ? body.text.trim().slice(0, 4096) : '';
  const [latest] = user === undefined ? [] : await store.conversationsOf(org.pool, user.id);
  if (user === undefined || latest === undefined) return;
  if (typeof body.postback === 'string') {
    const own = (await store.participantsOf(org.pool, latest.id)).find(({ userId }) => userId === user.id);
    if (own !== undefined) messaging.postback(latest, own, body.postback);
  }
  if (text !== '')
    await messaging.send(latest, {
      author: { type: 'user', userId: user.id, displayName: user.externalId ?? 'Guest' },
      content: { type: 'text', text },
      metadata: null,
    });
}

/** The pages hold no script. */
function withPolicy(_req: Request, res: Response, next: NextFunction): void {
  res.set({
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src 'self' https: http:; form-action 'self'; base-uri 'none'",
    'x-content-type-options': 'nosniff',
  });
  next();
}
