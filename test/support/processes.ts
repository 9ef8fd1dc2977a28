import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** One of our programs in a process of its own, as in production. */
export interface Running {
  child: ChildProcess;
  /** Everything it has written so far. */
  output: () => string;
  /** Resolves to the exit code, or the signal's name. */
  ended: Promise<number | string>;
}

/** Starts `node <args>` and waits until it says that it is ready. */
export async function launch(args: string[], environment: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const ready = once(child, 'message');
  await Promise.race([
    ready,
    ended.then((code) => {
      throw new Error(`${args.join(' ')} ended with ${String(code)}:\n${output}`);
    }),
  ]);
  return { child, output: () => output, ended };
}

/** Asks again and again until the answer is as wanted. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  seconds = 15,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(answer)} after ${seconds} s`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
}
