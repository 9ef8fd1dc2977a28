import type { Viewer } from '../access/viewer.ts';

import { selectLatestAnswers } from './latest-answers.queries.ts';

/** The beginning of something that Support wrote to a customer. */
export interface Answer {
  caseId: string;
  subject: string;
  /** As Salesforce names them; missing where it is not told. */
  author: string | undefined;
  at: Date;
  /** One line, up to 240 characters. */
  excerpt: string;
}

/** What Support wrote last in the cases that the viewer sees, newest first: published comments and external e-mails (C5). */
export async function latestAnswers(viewer: Viewer, limit: number): Promise<Answer[]> {
  const rows = await selectLatestAnswers(viewer, limit);
  return rows.map(({ author, text, ...row }) => ({
    ...row,
    author: author ?? undefined,
    excerpt: text.replaceAll(/\s+/g, ' ').trim().slice(0, 240),
  }));
}
