import { startSandbox } from './sandbox.ts';

/** A mail as its recipient reads it. */
export interface ReceivedMail {
  id: number;
  subject: string;
  text: string;
  html: string;
  /** Paths of ours that it links to, without their language. */
  paths: string[];
}

/**
 * Starts a sandbox whose SendGrid takes the product's mails. Call it before anything of src/ is imported, since settings
 * are read once.
 */
export async function startMailbox() {
  const sandbox = await startSandbox();
  process.env.SANDBOX_URL = sandbox.url;
  return { sandbox, mailsTo: (email: string) => mailsAt(sandbox, email) };
}

/** The mails that a mailbox of that sandbox has got, the newest first. */
export async function mailsAt(sandbox: { url: string }, email: string): Promise<ReceivedMail[]> {
  const list = await readJson<{ mails: { id: number }[] }>(
    `${sandbox.url}/mailbox.json?to=${encodeURIComponent(email)}`,
  );
  const mails = list.mails.map(({ id }) =>
    readJson<Omit<ReceivedMail, 'paths'>>(`${sandbox.url}/mailbox/${String(id)}.json`),
  );
  return (await Promise.all(mails))
    .sort((a, b) => b.id - a.id)
    .map((mail) => ({ ...mail, paths: pathsIn(mail.text) }));
}

async function readJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

const pathsIn = (text: string): string[] =>
  [...text.matchAll(/https?:\/\/[^/\s]+\/[a-z]{2}(?:-[\w]+)?(\/\S*)/g)].map(([, path = '']) => path);
