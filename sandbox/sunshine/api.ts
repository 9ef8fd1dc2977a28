import express from 'express';

import { answerRefusal, badRequest, notFound, Refusal } from './errors.ts';
import { settingsOf } from './settings.ts';
import { conversationShape, messageShape, participantShape, userShape } from './shapes.ts';
import * as store from './store.ts';
import { contentOf, type Fields, fields, metadataOf } from './validate.ts';
import { keepWebhook, removeWebhook, webhooksOf } from './webhooks.ts';

import type { NextFunction, Request, Response, Router } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { Messaging } from './messages.ts';

/** Sunshine Conversations v2 under `/sunshine`: any key whose id starts with `app_` is good, with any secret. */
export function sunshineRoutes(org: Org, messaging: Messaging): Router {
  const router = express.Router();
  router.use(authorize);
  router.use(limitRate(org));
  router.use(
    '/v2/apps/:appId',
    express.json({ limit: 100 * 1024, type: () => true }),
    appRoutes(org, messaging),
  );
  router.use((_req, _res, next) => {
    next(notFound('Resource'));
  });
  router.use(answerRefusal);
  return router;
}

function appRoutes(org: Org, messaging: Messaging): Router {
  const router = express.Router({ mergeParams: true });
  router.get('/', (req, res) => {
    res.json({
      app: {
        id: String((req.params as { appId?: string }).appId),
        displayName: 'Tidewater Software',
        settings: {},
        metadata: {},
      },
    });
  });
  userRoutes(router, org);
  conversationRoutes(router, org, messaging);
  messageRoutes(router, org, messaging);
  integrationRoutes(router, org);
  return router;
}

function userRoutes(router: Router, org: Org): void {
  router.post('/users', async (req, res) => {
    const { externalId, profile, metadata } = fields(req.body);
    if (typeof externalId !== 'string' || externalId === '') throw badRequest('externalId is required');
    const user = await store.createUser(org.pool, {
      externalId,
      profile: fields(profile),
      metadata: metadataOf(metadata) ?? {},
      at: org.clock.now(),
    });
    if (user === undefined) throw new Refusal(409, 'conflict', 'User already exists');
    res.status(201).json({ user: userShape(user) });
  });
  router.get('/users/:id', async (req, res) => {
    res.json({ user: userShape(await userNamed(org, req.params.id)) });
  });
  router.patch('/users/:id', async (req, res) => {
    const { id } = await userNamed(org, req.params.id);
    const { profile, metadata } = fields(req.body);
    await store.changeUser(org.pool, id, { profile: fields(profile), metadata: metadataOf(metadata) ?? {} });
    res.json({ user: userShape(await userNamed(org, id)) });
  });
  router.delete('/users/:id', async (req, res) => {
    await store.removeUser(org.pool, (await userNamed(org, req.params.id)).id);
    res.json({});
  });
}

async function userNamed(org: Org, id: string): Promise<store.User> {
  const user = await store.maybeUser(org.pool, id);
  if (user === undefined) throw notFound('User');
  return user;
}

async function conversationNamed(org: Org, id: string): Promise<store.Conversation> {
  const conversation = await store.maybeConversation(org.pool, id);
  if (conversation === undefined) throw notFound('Conversation');
  return conversation;
}

function conversationRoutes(router: Router, org: Org, messaging: Messaging): void {
  router.get('/conversations', async (req, res) => {
    const { filter, page } = req.query;
    const { userId, userExternalId } = fields(filter);
    const id = userId ?? userExternalId ?? req.query['filter[userId]'] ?? req.query['filter[userExternalId]'];
    if (typeof id !== 'string') throw badRequest('filter should have either userId or userExternalId');
    const all = await store.conversationsOf(org.pool, (await userNamed(org, id)).id);
    const size = sizeOf(fields(page).size ?? req.query['page[size]'], 10);
    res.json({
      conversations: all.slice(0, size).map(conversationShape),
      meta: { hasMore: all.length > size },
      links: {},
    });
  });
  router.post('/conversations', async (req, res) => {
    const conversation = await open(org, fields(req.body));
    messaging.created(conversation);
    res.status(201).json({ conversation: conversationShape(conversation) });
  });
  router.get('/conversations/:id', async (req, res) => {
    res.json({ conversation: conversationShape(await conversationNamed(org, req.params.id)) });
  });
  router.delete('/conversations/:id', async (req, res) => {
    await store.removeConversation(org.pool, (await conversationNamed(org, req.params.id)).id);
    res.json({});
  });
  router.get('/conversations/:id/participants', async (req, res) => {
    const { id } = await conversationNamed(org, req.params.id);
    const participants = await store.participantsOf(org.pool, id);
    res.json({ participants: participants.map(participantShape), meta: { hasMore: false }, links: {} });
  });
  router.post('/conversations/:id/join', async (req, res) => {
    const { id } = await conversationNamed(org, req.params.id);
    const { userId, userExternalId, subscribeSDKClient } = fields(req.body);
    const user = await userNamed(org, String(userId ?? userExternalId));
    await store.join(org.pool, id, user.id, subscribeSDKClient === true);
    const participant = (await store.participantsOf(org.pool, id)).find((each) => each.userId === user.id);
    res.status(201).json({ participant: participant && participantShape(participant) });
  });
}

async function open(
  org: Org,
  { type, displayName, metadata, participants }: Fields,
): Promise<store.Conversation> {
  if (type !== 'personal' && type !== 'sdkGroup')
    throw badRequest('type should be equal to one of the allowed values');
  const members = Array.isArray(participants) ? participants.map(fields) : [];
  if (type === 'personal' && members.length !== 1)
    throw badRequest('participants should NOT have other than 1 items');
  const joined = [];
  for (const { userId, userExternalId, subscribeSDKClient } of members) {
    const user = await userNamed(org, String(userId ?? userExternalId));
    joined.push({ userId: user.id, isSubscribed: subscribeSDKClient === true });
  }
  return await store.createConversation(org.pool, {
    type,
    displayName: typeof displayName === 'string' ? displayName : null,
    metadata: metadataOf(metadata) ?? {},
    participants: joined,
    at: org.clock.now(),
  });
}

function messageRoutes(router: Router, org: Org, messaging: Messaging): void {
  router.post('/conversations/:id/messages', async (req, res) => {
    const conversation = await conversationNamed(org, req.params.id);
    const { author, content, metadata } = fields(req.body);
    const { type, displayName, userId, userExternalId } = fields(author);
    if (type !== 'business' && type !== 'user')
      throw badRequest('author.type should be equal to one of the allowed values');
    const by = type === 'user' ? await userNamed(org, String(userId ?? userExternalId)) : undefined;
    const message = await messaging.send(conversation, {
      author: {
        type,
        ...(by !== undefined && { userId: by.id }),
        ...(typeof displayName === 'string' && { displayName }),
      },
      content: contentOf(content),
      metadata: metadataOf(metadata),
    });
    res.status(201).json({ messages: [messageShape(message)] });
  });
  router.get('/conversations/:id/messages', async (req, res) => {
    const { id } = await conversationNamed(org, req.params.id);
    const page = fields(req.query.page);
    const { messages, hasMore } = await store.messagesOf(org.pool, id, {
      before: cursorOf(page.before ?? req.query['page[before]']),
      after: cursorOf(page.after ?? req.query['page[after]']),
      size: sizeOf(page.size ?? req.query['page[size]'], 100),
    });
    res.json({
      messages: messages.map(messageShape),
      meta: { hasMore, beforeCursor: messages[0]?.seq, afterCursor: messages.at(-1)?.seq },
      links: {},
    });
  });
  router.delete('/conversations/:id/messages/:messageId', async (req, res) => {
    await conversationNamed(org, req.params.id);
    await store.removeMessage(org.pool, req.params.messageId);
    res.json({});
  });
}

function integrationRoutes(router: Router, org: Org): void {
  router.post('/integrations', async (req, res) => {
    const { type, displayName, webhooks } = fields(req.body);
    if (type !== 'custom') throw badRequest('type should be equal to one of the allowed values');
    const id = store.newId();
    const kept = [];
    for (const webhook of Array.isArray(webhooks) ? webhooks : [])
      kept.push(await keepWebhook(org.pool, { integrationId: id, ...hookOf(webhook) }));
    res.status(201).json({
      integration: {
        id,
        type,
        status: 'active',
        ...(typeof displayName === 'string' && { displayName }),
        webhooks: kept.map(hookShape),
      },
    });
  });
  router.get('/integrations/:id/webhooks', async (req, res) => {
    const all = await webhooksOf(org.pool);
    res.json({ webhooks: all.filter(({ integrationId }) => integrationId === req.params.id).map(hookShape) });
  });
  router.post('/integrations/:id/webhooks', async (req, res) => {
    res.status(201).json({
      webhook: hookShape(await keepWebhook(org.pool, { integrationId: req.params.id, ...hookOf(req.body) })),
    });
  });
  router.delete('/integrations/:id/webhooks/:webhookId', async (req, res) => {
    if (!(await removeWebhook(org.pool, req.params.webhookId))) throw notFound('Webhook');
    res.json({});
  });
}

function hookOf(value: unknown): { target: string; triggers: string[] } {
  const { target, triggers } = fields(value);
  if (typeof target !== 'string' || !/^https?:\/\//.test(target))
    throw badRequest('target should match format "uri"');
  if (!Array.isArray(triggers) || triggers.length === 0) throw badRequest('triggers is required');
  return { target, triggers: triggers.map(String) };
}

const hookShape = ({ id, target, triggers, secret }: Awaited<ReturnType<typeof keepWebhook>>) => ({
  id, version: 'v2', target, triggers, secret, includeFullUser: false, includeFullSource: false,
}); // prettier-ignore

function cursorOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,18}$/.test(value)) throw badRequest('page cursor is not valid');
  return value;
}

function sizeOf(value: unknown, usual: number): number {
  if (value === undefined) return usual;
  const size = Number(value);
  if (!Number.isInteger(size) || size < 1 || size > 100) throw badRequest('page.size should be <= 100');
  return size;
}

function authorize(req: Request, _res: Response, next: NextFunction): void {
  const [, given = ''] = /^Basic\s+(.*)$/i.exec(req.get('authorization') ?? '') ?? [];
  const [id = '', secret = ''] = Buffer.from(given, 'base64').toString('utf8').split(':');
  if (!id.startsWith('app_') || secret === '')
    next(new Refusal(401, 'unauthorized', 'Authorization is required'));
  else next();
}

/** Where the control plane sets a limit: as many requests as that at once, and as many a second from then on. */
function limitRate({ pool }: Org) {
  let left = 0;
  let at = 0;
  return async (_req: Request, _res: Response, next: NextFunction): Promise<void> => {
    const { requestsPerSecond: limit } = await settingsOf(pool);
    if (limit === null) {
      next();
      return;
    }
    const present = performance.now();
    left = Math.min(limit, left + ((present - at) * limit) / 1000);
    at = present;
    if (left < 1) next(new Refusal(429, 'too_many_requests', 'Too many requests'));
    else {
      left -= 1;
      next();
    }
  };
}
