import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from '../postgres.ts';

import { findJars, findJava } from './jars.ts';

/** One broker, its own controller (KRaft), on this machine alone. What it was told survives a kill, as long as it is not discarded. */
export interface Broker {
  address: string;
  start: () => Promise<void>;
  /** As kill -9 does. */
  kill: () => Promise<void>;
  /** Ends it and forgets what it was told. */
  discard: () => Promise<void>;
}

const START_MILLISECONDS = 60_000;
const JVM = ['-Xms64m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** A broker that is up. @throws LeftOut where there cannot be one */
export async function startBroker(): Promise<Broker> {
  const java = await findJava();
  const classes = ['-cp', join(await findJars(), '*')];
  const folder = mkdtempSync(join(tmpdir(), 'rapport-kafka-'));
  const settings = join(folder, 'server.properties');
  const [port, controllerPort] = await twoPorts();
  mkdirSync(join(folder, 'data'));
  writeFileSync(settings, propertiesOf(folder, port, controllerPort));
  const format = [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    /* One that began with a dash would be taken for an option. */
    `R${randomBytes(16).toString('base64url').slice(1)}`,
    '-c',
    settings,
  ];
  await ended(spawn(java, [...JVM, ...classes, ...format], { stdio: 'ignore' }));

  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    child = undefined;
  };
  const start = async () => {
    child = spawn(java, [...JVM, ...classes, 'kafka.Kafka', settings], { stdio: 'ignore' });
    await answers(port);
  };
  /* Whatever becomes of who started it. */
  process.once('exit', () => child?.kill('SIGKILL'));
  await start();
  return {
    address: `127.0.0.1:${String(port)}`, start, kill,
    async discard() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  }; // prettier-ignore
}

const propertiesOf = (folder: string, port: number, controllerPort: number) => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${String(controllerPort)}
listeners=PLAINTEXT://127.0.0.1:${String(port)},CONTROLLER://127.0.0.1:${String(controllerPort)}
advertised.listeners=PLAINTEXT://127.0.0.1:${String(port)}
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'data')}
log.index.size.max.bytes=65536
log.cleaner.dedupe.buffer.size=2097152
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
`;

/* A port that was free is given out again while nobody listens on it. */
async function twoPorts(): Promise<[number, number]> {
  const [one, other] = [await freePort(), await freePort()];
  return one === other ? await twoPorts() : [one, other];
}

async function answers(port: number): Promise<void> {
  const end = Date.now() + START_MILLISECONDS;
  while (!(await accepts(port))) {
    if (Date.now() > end) throw new Error(`no broker on port ${String(port)} after a minute`);
    await sleep(100);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Kafka's storage was not formatted: ${String(code)}`);
}
