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

interface Wanted {
  /** The lines that sha256sum would write of the jars. */
  checksums?: string;
  /** The folder that has a folder for each version. */
  cache?: string;
}

/**
 * The folder with the jars, kept for all checkouts of this user. What is missing there or is not what it should be, as after a download that
 * broke off, is fetched again, all of it. @throws LeftOut where they cannot be had
 */
export async function findJars({
  checksums = CHECKSUMS,
  cache = cacheOfUser(),
}: Wanted = {}): Promise<string> {
  const wanted = readFileSync(checksums, 'utf8').trim();
  const folder = join(cache, createHash('sha256').update(`${wanted}\n`).digest('hex').slice(0, 12));
  const trouble = troubleIn(folder, wanted);
  if (trouble !== undefined) await fetchInto(folder, { wanted, trouble });
  return folder;
}

const cacheOfUser = () => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rapport/kafka');

/** Fetched beside and looked at before anybody finds them: a folder of that name is whole, or was damaged later. */
async function fetchInto(folder: string, { wanted, trouble }: { wanted: string; trouble: string }): Promise<void> {
  const beside = `${folder}.${String(process.pid)}`;
  rmSync(beside, { recursive: true, force: true });
  mkdirSync(beside, { recursive: true });
  try {
    const options = ['-q', '-B', '-C', '-f', POM, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${beside}`];
    await run('mvn', options, { timeout: FETCH_MILLISECONDS }).catch((error: unknown) => {
      throw new LeftOut(`${trouble}, and ${reasonOf(error)}`);
    });
    const wrong = troubleIn(beside, wanted);
    if (wrong !== undefined) throw new Error(`What Maven fetched is not what jars.sha256 says: ${wrong}`);
    replace(folder, { by: beside, wanted });
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
} // prettier-ignore

/** Another process may have done the same by now. */
function replace(folder: string, { by, wanted }: { by: string; wanted: string }): void {
  if (existsSync(folder)) {
    if (troubleIn(folder, wanted) === undefined) return;
    rmSync(folder, { recursive: true });
  }
  renameSync(by, folder);
}

/** What Maven's many lines come to. */
function reasonOf(error: unknown): string {
  const { code, killed, stdout = '', stderr = '' } = error as { code?: unknown; killed?: boolean; stdout?: string; stderr?: string };
  if (code === 'ENOENT') return 'there is no Maven to fetch them';
  if (killed === true) return `Maven did not fetch them within ${String(FETCH_MILLISECONDS / 1000)} s`;
  const [said = `ended with ${String(code)}`] = `${stdout}\n${stderr}`.split('\n').filter((line) => line.startsWith('[ERROR] '));
  return `Maven could not fetch them (without a network?): ${said.slice(0, 300)}`;
} // prettier-ignore

/** What is missing in a folder, or wrong; undefined where it is as it should be. */
function troubleIn(folder: string, wanted: string): string | undefined {
  if (!existsSync(folder)) return "Kafka's jars are not in the cache";
  const there = readdirSync(folder).map((jar) => `${sha256(join(folder, jar))}  ${jar}`);
  const named = (lines: readonly string[]) => lines.map((line) => line.split('  ')[1]).join(', ');
  const missing = wanted.split('\n').filter((line) => !there.includes(line));
  if (missing.length > 0) return `missing or damaged in ${folder}: ${named(missing)}`;
  const strange = there.filter((line) => !wanted.split('\n').includes(line));
  return strange.length > 0 ? `nobody asked for, in ${folder}: ${named(strange)}` : undefined;
} // prettier-ignore

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
