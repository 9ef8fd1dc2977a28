import { deployPackage } from '../salesforce-deploy.ts';

interface Seeding {
  /** `interrupted`: the process that was at it is gone. */
  state: 'idle' | 'running' | 'interrupted' | 'done' | 'failed';
  accounts: number;
  done: number;
  message?: string;
}

const DEFAULT_ACCOUNTS = 500;

/** Gives a new sandbox org our package and its demo data, once. What was left half done is done afresh. */
export async function prepareSandbox(url: string): Promise<void> {
  const accounts = Number(process.env.DEMO_ACCOUNTS || DEFAULT_ACCOUNTS);
  const control = `${url}/__sandbox__`;
  const before = await seedingOf(control);
  if (before.state === 'done') return;
  process.stdout.write(`  Preparing a sandbox org of ${accounts.toLocaleString('en')} accounts …\n`);
  if (before.state !== 'idle') await post(`${control}/reset`);
  await deployPackage();
  const seeded = post(`${control}/seed`, { accounts });
  const telling = setInterval(() => void tell(control), 5_000);
  await seeded.finally(() => clearInterval(telling));
}

async function tell(control: string): Promise<void> {
  const { done, accounts } = await seedingOf(control);
  process.stdout.write(`  ${done.toLocaleString('en')} of ${accounts.toLocaleString('en')} accounts\n`);
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
    signal: AbortSignal.timeout(30 * 60_000),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
