import { deployPackage } from '../salesforce-deploy.ts';

interface SeedState {
  state: 'empty' | 'seeding' | 'done' | 'failed';
  accounts: number;
  loaded?: number;
  error?: string;
}

/** Gives a new sandbox org our package and its demo data, once; an org that has them is left as it is. */
export async function prepareSandbox(url: string): Promise<void> {
  const accounts = Number(process.env.DEMO_ACCOUNTS ?? 500);
  const before = await seedState(url);
  if (before.state === 'done') return;
  process.stdout.write(`  Preparing a sandbox org of ${accounts.toLocaleString('en')} accounts …\n`);
  await deployPackage();
  if (before.state !== 'seeding') await post(`${url}/__sandbox__/seed`, { accounts });
  for (;;) {
    const { state, error } = await seedState(url);
    if (state === 'done') return;
    if (state === 'failed') throw new Error(`The demo org could not be made: ${error ?? 'no reason given'}`);
    await new Promise((wait) => setTimeout(wait, 250));
  }
}

async function seedState(url: string): Promise<SeedState> {
  const response = await fetch(`${url}/__sandbox__/seed`);
  return (await response.json()) as SeedState;
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}: ${await response.text()}`);
}
