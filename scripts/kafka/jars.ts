import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/* The broker that tests run against: Apache Kafka's own jars, fetched once by Maven from wherever its settings say. */

const run = promisify(execFile);
const POM = join(import.meta.dirname, 'pom.xml');
const CHECKSUMS = join(import.meta.dirname, 'jars.sha256');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies';
const OLDEST_JAVA = 17;
const FETCH_MILLISECONDS = 240_000;

/** Why there can be no broker here. */
export class LeftOut extends Error {}

/** The path of Java 17 or newer. @throws LeftOut */
export async function findJava(): Promise<string> {
  const java = process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin/java');
  const { stderr } = await run(java, ['-version']).catch(() => ({ stderr: '' }));
  const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
  if (version < OLDEST_JAVA)
    throw new LeftOut(version === 0 ? 'there is no Java' : `Java is ${String(version)}, Kafka needs ${String(OLDEST_JAVA)}`);
  return java;
} // prettier-ignore

/** The folder with the jars, kept for all checkouts of this user. @throws LeftOut where they cannot be had */
export async function findJars(): Promise<string> {
  const version = createHash('sha256').update(readFileSync(CHECKSUMS)).digest('hex').slice(0, 12);
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rapport/kafka', version);
  if (!existsSync(folder)) await fetchInto(folder);
  const wrong = wrongIn(folder);
  if (wrong.length > 0) throw new Error(`not what jars.sha256 says, in ${folder}: ${wrong.join(', ')}`);
  return folder;
}

async function fetchInto(folder: string): Promise<void> {
  const beside = `${folder}.${String(process.pid)}`;
  mkdirSync(beside, { recursive: true });
  try {
    const options = [
      '-q',
      '-B',
      '-C',
      '-f',
      POM,
      COPY,
      '-DincludeScope=runtime',
      `-DoutputDirectory=${beside}`,
    ];
    await run('mvn', options, { timeout: FETCH_MILLISECONDS });
    if (!existsSync(folder)) renameSync(beside, folder);
  } catch (error) {
    throw new LeftOut(
      `Maven could not fetch Kafka: ${error instanceof Error ? error.message.slice(0, 500) : ''}`,
    );
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

function wrongIn(folder: string): string[] {
  const wanted = readFileSync(CHECKSUMS, 'utf8');
  return checksumsOf(folder).split('\n').filter((line) => !wanted.includes(line)); // prettier-ignore
}

function checksumsOf(folder: string): string {
  const lines = readdirSync(folder).sort().map((jar) => `${sha256(join(folder, jar))}  ${jar}`); // prettier-ignore
  return `${lines.join('\n')}\n`;
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
