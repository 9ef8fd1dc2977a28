import { deployPackage } from '../salesforce-deploy.ts';

interface Seeding {
  /** `interrupted`: the process that was at it is gone. */
  state: 'idle' | 'running' | 'interrupted' | 'done' | 'failed';
  accounts: number;
  done: number;
  message?: string;
}

const DEFAULT_ACCOUNTS = 500;
const MOST_ACCOUNTS = 10_000_000;
const LOOK_MILLISECONDS = 250;
const LOOKS_BETWEEN_LINES = 40;

/** Gives a new sandbox org our package and its demo data, once. What was left half done is done afresh. */
export async function prepareSandbox(url: string): Promise<void> {
  const accounts = demoAccounts(process.env.DEMO_ACCOUNTS || DEFAULT_ACCOUNTS);
  const control = `${url}/__sandbox__`;
  const before = await seedingOf(control);
  if (before.state === 'done') return;
  process.stdout.write(`  Preparing a sandbox org of ${accounts.toLocaleString('en')} accounts …\n`);
  if (before.state !== 'idle') await post(`${control}/reset`);
  await deployPackage();
  await seed(control, accounts);
}

function demoAccounts(given: string | number): number {
  const accounts = Number(given);
  if (Number.isInteger(accounts) && accounts >= 0 && accounts <= MOST_ACCOUNTS) return accounts;
  throw new Error(
    `DEMO_ACCOUNTS is ${String(given)}: it needs a whole number from 0 to ${MOST_ACCOUNTS.toLocaleString('en')}.`,
  );
}

/** Asks for the data and watches it come: a large org takes longer than an HTTP client waits for an answer. */
async function seed(control: string, accounts: number): Promise<void> {
  let refusal: Error | undefined;
  post(`${control}/seed`, { accounts }).catch((cause: unknown) => {
    refusal = new Error('The demo org could not be made.', { cause });
  });
  for (let look = 1; ; look++) {
    await new Promise((wait) => setTimeout(wait, LOOK_MILLISECONDS));
    const { state, done, message } = await seedingOf(control);
    if (state === 'done') return;
    if (state === 'failed')
      throw new Error(`The demo org could not be made: ${message ?? 'no reason given'}`);
    if (state !== 'running' && refusal !== undefined) throw refusal;
    if (look % LOOKS_BETWEEN_LINES === 0)
      process.stdout.write(`  ${done.toLocaleString('en')} of ${accounts.toLocaleString('en')} accounts\n`);
  }
}

async function seedingOf(control: string): Promise<Seeding> {
  const response = await fetch(`${control}/seed`);
  return (await response.json()) as Seeding;
}

async function post(url: string, body: object = {}): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
