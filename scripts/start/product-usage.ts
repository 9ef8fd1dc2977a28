import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const DAY = 86_400_000;
const YEAR = 365 * DAY;
const TELL_MILLISECONDS = 15_000;

interface Addresses {
  sandbox: string;
  product: string;
}

/**
 * Has the demo's product tell how it is used: the year before the first start as a file of the past, then what happens from minute to
 * minute. How far it has come is kept beside the data, so that a later start goes on where the last one ended.
 */
export function tellProductUsage(addresses: Addresses, dataFolder: string): () => void {
  const file = join(dataFolder, 'usage-told-until');
  let isTelling = false;
  const tell = async () => {
    if (isTelling) return;
    isTelling = true;
    try {
      await tellOnce(addresses, file);
    } catch (error) {
      process.stderr.write(
        `  usage of the demo was not told: ${error instanceof Error ? error.message : ''}\n`,
      );
    }
    isTelling = false;
  };
  const timer = setInterval(() => void tell(), TELL_MILLISECONDS);
  void tell();
  return () => {
    clearInterval(timer);
  };
}

async function tellOnce({ sandbox, product }: Addresses, file: string): Promise<void> {
  const now = new Date();
  const kept = await readFile(file, 'utf8').catch(() => '');
  const from = kept === '' ? new Date(now.getTime() - YEAR) : new Date(kept);
  const made = await fetch(
    `${sandbox}/__sandbox__/usage.ndjson?from=${from.toISOString()}&to=${now.toISOString()}`,
  );
  if (!made.ok || made.body === null) throw new Error(`the sandbox answered ${String(made.status)}`);
  const isLong = now.getTime() - from.getTime() > DAY;
  if (isLong) await importPast(product, made.body);
  else await sendMinutes(product, await made.text());
  await writeFile(file, now.toISOString());
}

const authorization = `Basic ${Buffer.from('demo-write-key:').toString('base64')}`;

async function importPast(product: string, body: ReadableStream): Promise<void> {
  await mustSucceed(
    await fetch(`${product}/v1/import?name=The+past+of+the+demo`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-ndjson' },
      body,
      duplex: 'half',
    }),
  );
}

async function sendMinutes(product: string, text: string): Promise<void> {
  const batch = text
    .split('\n')
    .filter((line) => line.includes('"type":"track"'))
    .map((line): unknown => JSON.parse(line));
  if (batch.length === 0) return;
  await mustSucceed(
    await fetch(`${product}/v1/batch`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ batch }),
    }),
  );
}

async function mustSucceed(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`the product answered ${String(answer.status)}: ${await answer.text()}`);
}
