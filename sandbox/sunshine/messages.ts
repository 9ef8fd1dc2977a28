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
  const timers = new Set<NodeJS.Timeout>();

  const after = (milliseconds: number, work: () => Promise<void> | void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void (async () => { await work(); })().catch((error: unknown) => {
        process.stderr.write(`A chat message's fate was not told: ${String(error)}\n`);
      });
    }, milliseconds);
    timers.add(timer);
  }; // prettier-ignore

  const about = (conversation: Conversation, participant: Participant | undefined) => ({
    user: {
      id: participant?.userId,
      ...(participant?.externalId != null && { externalId: participant.externalId }),
    },
    conversation: { id: conversation.id, type: conversation.type },
  });

  /** A message of a business is delivered to its recipient's client, or not. */
  async function deliver(conversation: Conversation, message: Message): Promise<void> {
    const settings = await settingsOf(org.pool);
    telling.copies.number = settings.copies;
    const [participant] = await participantsOf(org.pool, conversation.id);
    const common = {
      ...about(conversation, participant),
      message: { id: message.id },
      destination: { type: 'web', integrationId: '5f0e1d2c3b4a59687766554b', integrationType: 'web' },
    };
    const at = () => org.clock.now();
    after(settings.delayMs, () => {
      if (isStruck(message.id, settings.failed) || participant?.externalId?.startsWith('bounce') === true) {
        const error = {
          code: 'uncategorized_error',
          underlyingError: {},
          message: 'The client could not be reached',
        };
        telling.tell('conversation:message:delivery:failure', { ...common, isFinalEvent: true, error }, at());
        return;
      }
      telling.tell('conversation:message:delivery:channel', { ...common, isFinalEvent: false }, at());
      telling.tell('conversation:message:delivery:user', { ...common, isFinalEvent: true }, at());
      if (participant !== undefined && isStruck(`read ${message.id}`, settings.read))
        after(settings.readDelayMs, () => read(conversation, participant));
    });
  }

  /** Somebody looks at a conversation. */
  async function read(conversation: Conversation, participant: Participant): Promise<void> {
    const at = org.clock.now();
    const isNews = await noteRead(org.pool, {
      conversationId: conversation.id,
      userId: participant.userId,
      at,
    });
    if (isNews)
      telling.tell(
        'conversation:read',
        {
          ...about(conversation, participant),
          activity: { type: 'conversation:read', author: { type: 'user', userId: participant.userId } },
        },
        at,
      );
  }

  return {
    /** @throws Refusal for a conversation that is full */
    async send(conversation: Conversation, sent: Sent): Promise<Message> {
      const { messagesPerConversation } = await settingsOf(org.pool);
      if ((await countMessages(org.pool, conversation.id)) >= messagesPerConversation)
        throw new Refusal(423, 'locked', 'Conversation message limit reached');
      const at = org.clock.now();
      const message = await addMessage(org.pool, { ...sent, conversation: conversation.id, received: at });
      const payload = {
        conversation: { id: conversation.id, type: conversation.type },
        message: messageShape(message),
      };
      telling.tell('conversation:message', payload, at);
      if (sent.author.type === 'business') await deliver(conversation, message);
      return message;
    },
    read,
    /** Somebody pressed a button that tells the business so. */
    postback(conversation: Conversation, participant: Participant, payload: string): void {
      telling.tell(
        'conversation:postback',
        { ...about(conversation, participant), postback: { payload } },
        org.clock.now(),
      );
    },
    created(conversation: Conversation): void {
      telling.tell(
        'conversation:create',
        { conversation: conversationShape(conversation), creationReason: 'none' },
        org.clock.now(),
      );
    },
    close(): void {
      for (const timer of timers) clearTimeout(timer);
      telling.close();
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
