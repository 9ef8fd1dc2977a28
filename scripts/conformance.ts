import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/*
 * `npm run conformance`: clients of other makers, unmodified and in their newest versions, against a sandbox that runs (npm run sandbox).
 * They are installed into a temporary folder, which is removed afterwards. Whatever this machine lacks is said and left out.
 */
const SANDBOX = (process.env.SANDBOX_URL ?? 'http://127.0.0.1:3001').replace(/\/$/, '');
const here = join(import.meta.dirname, 'conformance');
const run = promisify(execFile);

interface Client {
  name: string;
  install: (folder: string) => [string, string[]][];
  command: (folder: string) => [string, string[]];
}

const clients: Client[] = [
  {
    name: 'jsforce, @salesforce/core and @salesforce/source-deploy-retrieve (npm)',
    install: (folder) => [
      ['npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', 'jsforce@latest', '@salesforce/core@latest', '@salesforce/source-deploy-retrieve@latest']],
      ['cp', [join(here, 'client.mjs'), folder]],
    ],
    command: (folder) => [process.execPath, [join(folder, 'client.mjs')]],
  },
  {
    name: 'simple-salesforce (Python)',
    install: (folder) => [
      ['python3', ['-m', 'venv', folder]],
      [join(folder, 'bin/pip'), ['install', '--quiet', 'simple-salesforce']],
    ],
    command: (folder) => [join(folder, 'bin/python'), [join(here, 'client.py')]],
  },
  {
    name: 'force-partner-api and force-metadata-api (Maven)',
    install: (folder) => ['force-partner-api:65.0.0', 'force-metadata-api:62.0.0'].map((artifact) => [
      'mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=com.force.api:${artifact}`, `-DoutputDirectory=${folder}`],
    ] as [string, string[]]).concat([['mvn', ['-q', '-B', 'dependency:copy', '-Dartifact=com.force.api:force-wsc:65.0.0', `-DoutputDirectory=${folder}`]]]),
    command: (folder) => ['java', ['-cp', join(folder, '*'), join(here, 'Client.java')]],
  },
]; // prettier-ignore

async function main(): Promise<void> {
  await fetch(`${SANDBOX}/services/data`).catch(() => {
    throw new Error(`No sandbox answers at ${SANDBOX}: start one with npm run sandbox, or set SANDBOX_URL.`);
  });
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'));
  const tls = await maybeTls(folder);
  let failures = 0;
  for (const [at, client] of clients.entries())
    failures += await tried(client, join(folder, String(at)), tls);
  tls?.server.close();
  await rm(folder, { recursive: true, force: true });
  process.exitCode = failures > 0 ? 1 : 0;
}

/** Installs and runs one client; the answer is how many of its steps failed. */
async function tried(client: Client, folder: string, tls: Tls | undefined): Promise<number> {
  process.stdout.write(`\n${client.name}\n`);
  try {
    for (const [program, args] of client.install(folder)) await run(program, args, { timeout: 300_000 });
  } catch (error) {
    process.stdout.write(`  left out: ${(error as Error).message.split('\n', 1).join('')}\n`);
    return 0;
  }
  const [program, args] = client.command(folder);
  const env = { ...process.env, SANDBOX_URL: SANDBOX, PACKAGE: join(import.meta.dirname, '../salesforce/force-app/main/default'), ...tls?.env };
  const { stdout, stderr } = await run(program, args, { env, timeout: 180_000 }).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  const lines = stdout.split('\n').filter((line) => /^(ok {3}|FAIL )/.test(line));
  for (const line of lines) process.stdout.write(`  ${line}\n`);
  if (lines.length === 0) process.stdout.write(`  FAIL it ended early: ${stderr.trim().slice(-400)}\n`);
  return lines.length === 0 ? 1 : lines.filter((line) => line.startsWith('FAIL')).length;
} // prettier-ignore

interface Tls {
  server: Server;
  env: Record<string, string>;
}

/** HTTPS before the sandbox, for clients that insist on it; needs openssl for a certificate of its own. */
async function maybeTls(folder: string): Promise<Tls | undefined> {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  try {
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject]);
  } catch {
    process.stdout.write('Without openssl there is no HTTPS: simple-salesforce will not get through.\n');
    return undefined;
  }
  const server = createServer({ key: await readFile(key), cert: await readFile(cert) }, (req, res) => {
    const headers = { ...req.headers, 'x-forwarded-proto': 'https' };
    const onward = request(new URL(req.url ?? '/', SANDBOX), { method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { server, env: { SANDBOX_HTTPS: `https://localhost:${String(port)}`, REQUESTS_CA_BUNDLE: cert } };
} // prettier-ignore

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
