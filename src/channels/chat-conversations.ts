import { z } from 'zod';

import { type Asking, read } from './chat-requests.ts';

const Conversations = z.object({
  conversations: z.array(z.object({ id: z.string(), type: z.string().nullish() })),
});
const Opened = z.object({ conversation: z.object({ id: z.string() }) });

/** The conversation that somebody has, the latest, else one that is opened for them. @throws NotPosted */
export async function conversationFor(asking: Asking, address: string): Promise<string> {
  const path = `/conversations?filter[userExternalId]=${encodeURIComponent(address)}&page[size]=10`;
  const listed = await read(asking, { method: 'GET', path, nothing: 404 }, Conversations);
  const found = listed?.conversations.find(({ type }) => type !== 'sdkGroup');
  return found?.id ?? (await newConversationFor(asking, address));
}

/**
 * A conversation that waits for somebody until they come, which their client shows by itself then (A17). Who is not known there becomes so.
 * @throws NotPosted
 */
export async function newConversationFor(asking: Asking, address: string): Promise<string> {
  const user = { externalId: address, profile: { email: address } };
  await read(asking, { method: 'POST', path: '/users', body: user, nothing: 409 }, z.unknown());
  const participants = [{ userExternalId: address, subscribeSDKClient: true }];
  const conversation = { type: 'personal', participants };
  const made = await read(
    asking,
    { method: 'POST', path: '/conversations', body: conversation, nothing: 0 },
    Opened,
  );
  return made?.conversation.id ?? '';
}
