/**
 * What is said on a case, in one language. `{product}` stands for product and version, `{host}` for a machine, `{version}` for
 * the newest version.
 */
export interface Conversation {
  subject: string;
  /** What the customer writes first. */
  problem: string;
  /** Support's first answer, which asks or tells something to try. */
  answer: string;
  /** What the customer says to it. */
  reply: string;
  /** How it ends. */
  solution: string;
}

/** The words around what is said: `{name}` is whom it is said to. */
export interface Manners {
  toSupport: string;
  toCustomer: string;
  closing: string;
  thanks: string;
}

/** A language's conversations, each at the place of its topic in `topics`. */
export interface Phrasebook {
  manners: Manners;
  conversations: readonly Conversation[];
}

/** What cases are about: the values of Case.Type and Case.Reason, and how pressing they mostly are. */
export const topics = [
  { type: 'Problem', reason: 'Breakdown', pressing: 0.5, file: 'log' },
  { type: 'Problem', reason: 'Installation', pressing: 0.3, file: 'image' },
  { type: 'Problem', reason: 'Performance', pressing: 0.35, file: 'log' },
  { type: 'Problem', reason: 'Breakdown', pressing: 0.3, file: 'log' },
  { type: 'Question', reason: 'Installation', pressing: 0.05, file: 'document' },
  { type: 'Problem', reason: 'Performance', pressing: 0.4, file: 'image' },
  { type: 'Problem', reason: 'Installation', pressing: 0.1, file: 'image' },
  { type: 'Problem', reason: 'Breakdown', pressing: 0.6, file: 'log' },
  { type: 'Question', reason: 'Other', pressing: 0.05, file: 'document' },
  { type: 'Feature Request', reason: 'Feedback', pressing: 0, file: 'document' },
  { type: 'Problem', reason: 'Installation', pressing: 0.25, file: 'image' },
  { type: 'Problem', reason: 'Performance', pressing: 0.45, file: 'log' },
] as const;

/** Notes among Support, never seen by customers. The company works in English. */
export const internalNotes = [
  'Reproduced on our test machine with the same build. Raised with Engineering, reference TW-4471.',
  'Customer is in the middle of an audit: please keep this one moving, see the account notes.',
  'Log shows the writer timing out after 600 s. Same pattern as the two cases from last month.',
  'Spoke to the account owner: renewal is due soon, so let us make sure this is solved before then.',
  'Repository is on a NAS with an old firmware. I did not want to say so before we see the next log.',
  'Support contract checked, in date. Covered under the standard response time.',
  'Third case about the same machine. Suggest a call instead of more mail.',
  'Waiting for Engineering to confirm that the hotfix also covers this build.',
] as const;
