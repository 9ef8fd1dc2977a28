import type { Conversation, Message, Participant, User } from './store.ts';

/* Sunshine Conversations v2 as its answers and webhooks show things: https://docs.smooch.io/rest */

/* The pool reads timestamps as texts. */
const isoOf = (at: Date | string): string => new Date(at).toISOString();

export const userShape = ({ id, externalId, signedUpAt, profile, metadata }: User) => ({
  id,
  ...(externalId !== null && { externalId }),
  authenticated: false,
  signedUpAt: isoOf(signedUpAt),
  toBeRetained: false,
  profile,
  metadata,
  identities: [],
  hasPaymentInfo: false,
});

export const conversationShape = (conversation: Conversation) => ({
  id: conversation.id,
  type: conversation.type,
  ...(conversation.displayName !== null && { displayName: conversation.displayName }),
  metadata: conversation.metadata,
  isDefault: conversation.isDefault,
  lastUpdatedAt: isoOf(conversation.lastUpdatedAt),
  createdAt: isoOf(conversation.createdAt),
});

export const participantShape = ({ id, userId, externalId, lastRead }: Participant) => ({
  id,
  userId,
  ...(externalId !== null && { userExternalId: externalId }),
  unreadCount: 0,
  ...(lastRead !== null && { lastRead: isoOf(lastRead) }),
});

export const messageShape = ({ id, received, author, content, metadata }: Message) => ({
  id,
  received: isoOf(received),
  author,
  content,
  source: author.type === 'user' ? { type: 'web' } : { type: 'api:conversations' },
  ...(metadata !== null && { metadata }),
  deleted: false,
});
