import { spawn } from 'node:child_process';
import { cpus } from 'node:os';

const checks: [name: string, command: string, ...args: string[]][] = [
  ['types', 'tsc', '--noEmit', '-p', '.'],
  ['lint', 'eslint', '.', '--max-warnings', '0'],
  ['format', 'prettier', '--check', '--log-level', 'warn', '{src,sandbox,test,scripts,bench}/**/*.ts', '*.{js,cjs,json}'],
  ['imports', 'depcruise', 'src', 'sandbox', 'scripts', 'test', 'bench', '--config', '.dependency-cruiser.cjs', '--output-type', 'err'],
  ['unused', 'knip', '--no-progress'],
]; // prettier-ignore

/** Runs every check, as many at once as there are cores; prints what failed and how long each took. */
async function run(): Promise<boolean> {
  const queue = [...checks];
  const results: boolean[] = [];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await check(...next));
  };
  await Promise.all(cpus().map(worker));
  return results.every(Boolean);
}

async function check(name: string, command: string, ...args: string[]): Promise<boolean> {
  const since = Date.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const seconds = ((Date.now() - since) / 1000).toFixed(1);
  process.stdout.write(
    `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n${code === 0 ? '' : output}`,
  );
  return code === 0;
}

process.exitCode = (await run()) ? 0 : 1;
