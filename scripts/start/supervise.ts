import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process of ours. It says that it is ready by `process.send('ready')`. */
export interface Program {
  name: string;
  args: string[];
}

/** Thrown into work that was under way when the supervisor was told to stop. */
export class Stopped extends Error {}

const READY_MILLISECONDS = 120_000;
const SHORTEST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
/** As in the Procfile: memory that was given back is used again, whichever thread asks. */
const thrifty = { MALLOC_ARENA_MAX: '2' };
/** Levels of the log, as pino numbers them; from here on a line is shown on the terminal too. */
const WARNING = 40;

/**
 * Runs programs, starts one again that ended by itself, and on SIGTERM or SIGINT ends them all, the last started
 * first, then calls what was given to `afterwards`. Their output goes to a file each; warnings show here too.
 */
export function supervise(logFolder: string) {
  mkdirSync(logFolder, { recursive: true });
  const running = new Map<string, ChildProcess>();
  const closers: (() => void)[] = [];
  let stopping = false;

  async function run(program: Program): Promise<void> {
    const log = createWriteStream(join(logFolder, `${program.name}.log`), { flags: 'a' });
    await new Promise<void>((ready, failed) => {
      setTimeout(() => {
        failed(new Error(`${program.name} did not get ready; see ${logFolder}`));
      }, READY_MILLISECONDS).unref();
      launch(program, log, { ready, failed, pause: SHORTEST_PAUSE_MILLISECONDS });
    });
  }

  function launch(program: Program, log: WriteStream, life: Life): void {
    const env = { ...process.env, ...thrifty };
    const child = spawn(process.execPath, program.args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const since = Date.now();
    let isReady = false;
    running.set(program.name, child);
    child.on('message', (message) => {
      if (message !== 'ready') return;
      isReady = true;
      life.ready();
    });
    const lastWords = show(child, program.name, log);
    child.once('exit', (code) => {
      running.delete(program.name);
      if (stopping) return;
      if (!isReady && life.pause === SHORTEST_PAUSE_MILLISECONDS) {
        life.failed(new Error(`${program.name} could not start (code ${String(code)}):\n${lastWords()}`));
        return;
      }
      process.stderr.write(`  ${program.name} ended (code ${String(code)}) and starts again\n`);
      setTimeout(() => {
        if (!stopping) launch(program, log, { ...life, pause: pauseAfter(life.pause, since) });
      }, life.pause);
    });
  }

  async function stop(): Promise<void> {
    if (stopping) return;
    stopping = true;
    for (const child of [...running.values()].reverse()) await ended(child);
    for (const close of closers.reverse()) close();
    process.exit();
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

  return { run, afterwards: (close: () => void) => void closers.push(close) };
}

interface Life {
  ready: () => void;
  failed: (error: Error) => void;
  /** Milliseconds before the next launch, doubled each time the program ends soon. */
  pause: number;
}

/** A program that ran for a while starts again at once; one that keeps falling waits ever longer. */
function pauseAfter(pause: number, since: number): number {
  if (Date.now() - since > LONGEST_PAUSE_MILLISECONDS) return SHORTEST_PAUSE_MILLISECONDS;
  return Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    if (child.exitCode !== null || !child.kill('SIGTERM')) resolve();
  });
}

/** Writes the program's lines to its log, and those a person should know of to the terminal. */
function show(child: ChildProcess, name: string, log: WriteStream): () => string {
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > 15) last.shift();
      const warning = warningIn(line);
      if (warning) process.stderr.write(`  ${name}: ${warning}\n`);
    });
  }
  return () => last.join('\n');
}

function warningIn(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, msg, err } = JSON.parse(line) as {
      level?: number;
      msg?: string;
      err?: { message?: string };
    };
    if (level === undefined || level < WARNING) return undefined;
    return [msg, err?.message].filter(Boolean).join(': ');
  } catch {
    return undefined;
  }
}
