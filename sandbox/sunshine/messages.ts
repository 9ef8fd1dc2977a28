import { createTimers } from '../timers.ts';

import { Refusal } from './errors.ts';
import { settingsOf } from './settings.ts';
import { conversationShape, messageShape } from './shapes.ts';
import { addMessage, countMessages, noteRead, participantsOf } from './store.ts';

import type { Org } from '../salesforce/context.ts';
import type { Conversation, Message, Participant } from './store.ts';
import type { Telling } from './webhooks.ts';

type Sent = Pick<Message, 'author' | 'content' | 'metadata'>;

/** What happens to messages: they are kept, told of, delivered and read. */
export function createMessaging(org: Org, telling: Telling) {
  const timers = createTimers('A chat message’s fate was not told');
  const at = () => org.clock.now();
  const fates = createFates(org, telling, timers);
  return {
    /** @throws Refusal for a conversation that is full */
    async send(conversation: Conversation, sent: Sent): Promise<Message> {
      const { messagesPerConversation } = await settingsOf(org.pool);
      if ((await countMessages(org.pool, conversation.id)) >= messagesPerConversation)
        throw new Refusal(423, 'locked', 'Conversation message limit reached');
      const message = await addMessage(org.pool, { ...sent, conversation: conversation.id, received: at() });
      const { id, type } = conversation;
      telling.tell(
        'conversation:message',
        { conversation: { id, type }, message: messageShape(message) },
        at(),
      );
      if (sent.author.type === 'business') await fates.deliver(conversation, message);
      return message;
    },
    read: fates.read,
    /** Somebody pressed a button that tells the business so. */
    postback(conversation: Conversation, participant: Participant, payload: string): void {
      const told = { ...about(conversation, participant), postback: { payload } };
      telling.tell('conversation:postback', told, at());
    },
    created(conversation: Conversation): void {
      const told = { conversation: conversationShape(conversation), creationReason: 'none' };
      telling.tell('conversation:create', told, at());
    },
    close(): void {
      timers.close();
      telling.close();
    },
  };
}

const about = (conversation: Conversation, participant: Participant | undefined) => ({
  user: {
    id: participant?.userId,
    ...(participant?.externalId != null && { externalId: participant.externalId }),
  },
  conversation: { id: conversation.id, type: conversation.type },
});

const unreachable = {
  code: 'uncategorized_error',
  underlyingError: {},
  message: 'The client could not be reached',
};

function createFates(org: Org, telling: Telling, timers: ReturnType<typeof createTimers>) {
  const at = () => org.clock.now();

  /** Somebody looks at a conversation. */
  async function read(conversation: Conversation, participant: Participant): Promise<void> {
    const { userId } = participant;
    const isNews = await noteRead(org.pool, { conversationId: conversation.id, userId, at: at() });
    if (!isNews) return;
    const activity = { type: 'conversation:read', author: { type: 'user', userId } };
    telling.tell('conversation:read', { ...about(conversation, participant), activity }, at());
  }

  return {
    read,
    /** A message of a business is delivered to its recipient's client, or not. */
    async deliver(conversation: Conversation, message: Message): Promise<void> {
      const settings = await settingsOf(org.pool);
      telling.copies.number = settings.copies;
      const [participant] = await participantsOf(org.pool, conversation.id);
      const isLost =
        isStruck(message.id, settings.failed) || participant?.externalId?.startsWith('bounce') === true;
      const destination = { type: 'web', integrationId: '5f0e1d2c3b4a59687766554b', integrationType: 'web' };
      const common = { ...about(conversation, participant), message: { id: message.id }, destination };
      const tell = (what: string, more: object) => {
        telling.tell(`conversation:message:delivery:${what}`, { ...common, ...more }, at());
      };
      timers.after(settings.delayMs, async () => {
        if (isLost) {
          tell('failure', { isFinalEvent: true, error: unreachable });
          return;
        }
        tell('channel', { isFinalEvent: false });
        tell('user', { isFinalEvent: true });
        if (participant !== undefined && isStruck(`read ${message.id}`, settings.read))
          timers.after(settings.readDelayMs, () => read(conversation, participant));
        await Promise.resolve();
      });
    },
  };
}
export type Messaging = ReturnType<typeof createMessaging>;

/* The same for the same message, so that a test can be told what to expect. */
function isStruck(seed: string, portion: number): boolean {
  if (portion <= 0) return false;
  let state = 2166136261;
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  return ((state ^ (state >>> 15)) >>> 0) / 4294967296 < portion;
}
