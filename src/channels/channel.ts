/**
 * What a channel is to everything before it: something that takes batches of messages and says what became of each. Nothing outside this
 * folder knows what an e-mail is (CP10).
 */
export interface Channel {
  readonly name: ChannelName;
  /** What its messages may hold; the editor switches off the rest. */
  readonly supports: ReadonlySet<Feature>;
  /** Recipients of one batch, at most. */
  readonly batchSize: number;
  /** Whether the provider takes this recipient's values only in a request of their own. Such a recipient gets a batch alone. */
  needsOwnRequest: (recipient: Recipient) => boolean;
  /** Writes a recipient's values as they will go out, once; undefined where they need a request of their own. */
  write?: (values: Recipient['values'], message: OutgoingMessage) => object | undefined;
  /**
   * Hands a batch to the provider, once: nothing is tried again in here. It never throws; when nobody can say what became of the batch, the
   * answer is `doubt`. An aborted signal ends it, with `doubt` if anything had been written by then.
   */
  post: (batch: OutgoingBatch, signal: AbortSignal) => Promise<Answer>;
  /**
   * Asks the provider what became of rows in doubt, where it can be asked; undefined when it cannot say now. Such a channel answers `divided`: what it
   * does not name was not posted.
   */
  ask?: (batch: Unsettled, signal: AbortSignal) => Promise<Answer | undefined>;
}

/** A batch of which nobody knows what became: the rows in doubt, and when it was posted. */
export interface Unsettled {
  runId: number;
  batch: number;
  rows: readonly Pick<Recipient, 'n' | 'address'>[];
  since: Date;
}

export const channelNames = ['email', 'chat', 'in_app', 'push'] as const;
export type ChannelName = (typeof channelNames)[number];

export type Feature =
  | 'subject'
  | 'html'
  | 'text'
  | 'images'
  | 'buttons'
  | 'tables'
  | 'columns'
  | 'brand'
  | 'tracked-opens'
  | 'tracked-links'
  | 'unsubscribe-header';

/** Messages that go out together: one skeleton, and each recipient's values for its slots. */
export interface OutgoingBatch {
  runId: number;
  batch: number;
  /** What the provider shows figures by: the campaign, its message class. */
  categories: readonly string[];
  message: OutgoingMessage;
  recipients: readonly Recipient[];
  /** In whose name it goes out, where it is not the house's; answers go to them. */
  sender?: Sender;
}

/** Somebody of the house who writes. */
export interface Sender {
  name: string;
  email: string;
}

/** A message with slots (`%s1%`), in one locale and one variant. The same object for all batches that share it. */
export interface OutgoingMessage {
  subject: string;
  html: string;
  text: string;
}

export interface Recipient {
  /** The ledger's row, within the run. */
  n: number;
  address: string;
  name?: string;
  /** Slot → text as it stands in the message, escaped already. */
  values: Readonly<Record<string, string>>;
  /** All of them, as the channel wrote them. */
  written?: object;
  /** Where one request ends these messages (RFC 8058); none for what nobody can opt out of. */
  optOutUrl?: string;
}

/** What became of a batch. Each but `accepted`, `divided` and `doubt` says for certain that nobody of it was written to. */
export type Answer =
  | {
      kind: 'accepted';
      /** The provider's own id of the request. */
      providerId: string;
      /** It takes no more before this moment. */
      closedUntil?: Date;
    }
  /** Never for these rows: `all`, those named, or `some` that the provider does not name. */
  | { kind: 'refused'; rows: readonly number[] | 'all' | 'some'; reason: string; detail: string }
  /** Too much at once. */
  | { kind: 'limited'; until: Date }
  /** The provider does not know us: a matter of the settings, for a person. */
  | { kind: 'unauthorized'; reason: string }
  /** It cannot now. */
  | { kind: 'down'; reason: string }
  | { kind: 'doubt'; reason: string }
  /** Each row by itself, for channels that post one by one. What is not named was not posted. */
  | { kind: 'divided'; rows: readonly RowAnswer[]; rest?: Answer };

export interface RowAnswer {
  n: number;
  kind: 'accepted' | 'refused' | 'doubt';
  providerId?: string;
  reason?: string;
}
