import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { findJars, LeftOut } from '../../scripts/kafka/jars.ts';

const jars = { 'one.jar': 'the first', 'two.jar': 'the second' };
const PATH = process.env.PATH;
let folder: string;
let wanted: { checksums: string; cache: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rapport-jars-'));
  wanted = { checksums: join(folder, 'jars.sha256'), cache: join(folder, 'cache') };
  const lines = Object.entries(jars).map(([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`);
  writeFileSync(wanted.checksums, lines.join(''));
}); // prettier-ignore
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/** A Maven that does this where it should put jars. */
function maven(script: string): void {
  const path = join(folder, 'mvn');
  writeFileSync(path, `#!/bin/sh\nfor option; do :; done\ncd "\${option#-DoutputDirectory=}"\n${script}\n`);
  chmodSync(path, 0o755);
  process.env.PATH = `${folder}:/usr/bin:/bin`;
}

const online = `printf 'the first' > one.jar; printf 'the second' > two.jar`;
const offline = `echo '[ERROR] Failed to execute goal: Could not transfer artifact' >&2; exit 1`;

test('jars that are missing or damaged in the cache are fetched again', async () => {
  maven(online);
  const found = await findJars(wanted);
  for (const damage of [
    () => rmSync(join(found, 'two.jar')),
    () => truncateSync(join(found, 'one.jar'), 3),
    () => writeFileSync(join(found, 'three.jar'), 'from elsewhere'),
  ]) {
    damage();
    expect(await findJars(wanted)).toBe(found);
    expect(readdirSync(found).toSorted()).toEqual(Object.keys(jars));
  }
  maven(offline);
  expect(await findJars(wanted), 'a whole cache needs no Maven').toBe(found);
});

test('without a network, what depends on Kafka is left out, and says why', async () => {
  maven(offline);
  await expect(findJars(wanted)).rejects.toThrow(LeftOut);
  await expect(findJars(wanted)).rejects.toThrow(/not in the cache.*Could not transfer/);
  process.env.PATH = folder.slice(0, 1) + 'nowhere';
  await expect(findJars(wanted)).rejects.toThrow(/not in the cache.*no Maven/);
  expect(readdirSync(wanted.cache)).toEqual([]);
});

test('what is fetched and is something else is refused, and not kept', async () => {
  maven(`${online}; printf 'forged' > two.jar`);
  await expect(findJars(wanted)).rejects.toThrow(/not what jars.sha256 says.*two.jar/);
  expect(readdirSync(wanted.cache)).toEqual([]);
});
