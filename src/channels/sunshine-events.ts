import { createHash, timingSafeEqual } from 'node:crypto';

import { z } from 'zod';

/** What Sunshine told of a message of ours, in the words in which outcomes are told. */
export interface ChatEvent {
  eventId: string;
  kind: 'processed' | 'delivered' | 'bounce' | 'open' | 'click';
  /** Of one message, or of all that had been written in a conversation by then. */
  messageId: string | null;
  conversationId: string | null;
  occurredAt: Date;
  detail: string | null;
  /** Where it says itself which delivery it is. */
  delivery?: { runId: number; n: number } | undefined;
}

/** Whether a post shows the secret that Sunshine shares with this webhook. */
export function isFromSunshine(shown: string | undefined, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return shown !== undefined && timingSafeEqual(digest(shown), digest(secret));
}

const id = z.string().min(1).max(200);
const Post = z.object({ events: z.array(z.unknown()).max(10_000) });
const Event = z.object({
  id,
  type: z.string(),
  createdAt: z.coerce.date(),
  payload: z.object({
    conversation: z.object({ id }).nullish(),
    message: z
      .object({
        id,
        author: z.object({ type: z.string() }).nullish(),
        metadata: z.record(z.string(), z.unknown()).nullish(),
      })
      .nullish(),
    isFinalEvent: z.boolean().nullish(),
    error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
    postback: z.object({ payload: z.string().nullish() }).nullish(),
  }),
});
type Event = z.infer<typeof Event>;

/** The events of a post that are about messages of a business; undefined for what is no post of Sunshine. */
export function eventsOf(body: unknown): ChatEvent[] | undefined {
  const post = Post.safeParse(body);
  if (!post.success) return undefined;
  return post.data.events.flatMap((each) => {
    const event = Event.safeParse(each);
    const read = event.success ? kinds[event.data.type]?.(event.data) : undefined;
    return event.success && read !== undefined ? [{ ...commonTo(event.data), ...read }] : [];
  });
}

const commonTo = ({ id: eventId, createdAt }: Event) => ({ eventId, occurredAt: createdAt, detail: null });

type Read = Pick<ChatEvent, 'kind' | 'messageId' | 'conversationId'> &
  Partial<Pick<ChatEvent, 'detail' | 'delivery'>>;

const kinds: Readonly<Record<string, (event: Event) => Read | undefined>> = {
  /* What a person wrote shows that they had read what was there. */
  'conversation:message'({ payload: { message, conversation } }) {
    if (message == null || conversation == null) return undefined;
    if (message.author?.type === 'user')
      return { kind: 'open', messageId: null, conversationId: conversation.id };
    const delivery = deliveryIn(message.metadata);
    return (
      delivery && { kind: 'processed', messageId: message.id, conversationId: conversation.id, delivery }
    );
  },
  'conversation:message:delivery:channel': ({ payload }) =>
    ofMessage(payload, payload.isFinalEvent === true ? 'delivered' : 'processed'),
  'conversation:message:delivery:user': ({ payload }) => ofMessage(payload, 'delivered'),
  'conversation:message:delivery:failure'({ payload }) {
    const { code, message } = payload.error ?? {};
    const read = ofMessage(payload, 'bounce');
    return read && { ...read, detail: `${code ?? ''} ${message ?? ''}`.trim().slice(0, 300) };
  },
  'conversation:read': ({ payload: { conversation } }) =>
    conversation == null ? undefined : { kind: 'open', messageId: null, conversationId: conversation.id },
};

const ofMessage = ({ message }: Event['payload'], kind: ChatEvent['kind']): Read | undefined =>
  message == null ? undefined : { kind, messageId: message.id, conversationId: null };

function deliveryIn(metadata: Record<string, unknown> | null | undefined): ChatEvent['delivery'] {
  const [runId, n] = [Number(metadata?.rapportRun), Number(metadata?.rapportN)];
  return Number.isSafeInteger(runId) && runId > 0 && Number.isSafeInteger(n) && n > 0
    ? { runId, n }
    : undefined;
}
