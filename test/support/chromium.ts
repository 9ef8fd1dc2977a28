import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

/** Where the browser that @sparticuz/chromium carries in its package was unpacked, and what its process needs to run there. */
export interface Chromium {
  executablePath: string;
  env: Record<string, string>;
}

const run = promisify(execFile);

/**
 * Unpacks Chromium, the libraries that a bare Debian lacks, and a font, once for all runs. Fonts put into `.data/fonts`
 * are used too: the package has none for Japanese.
 */
export async function unpackedChromium(): Promise<Chromium> {
  const packageFolder = resolve(
    dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')),
    '../..',
  );
  const data = resolve('.data');
  const home = join(data, 'chromium-147');
  if (!existsSync(home)) await unpack(join(packageFolder, 'bin'), home, data);
  await writeFile(
    join(home, 'fonts/fonts.conf'),
    fontsConfig([join(home, 'fonts'), join(data, 'fonts'), '/usr/share/fonts']),
  );
  return {
    executablePath: join(home, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [join(home, 'al2023/lib'), process.env.LD_LIBRARY_PATH ?? '']
        .filter(Boolean)
        .join(':'),
      FONTCONFIG_PATH: join(home, 'fonts'),
      HOME: process.env.HOME ?? home,
      PATH: process.env.PATH ?? '',
    },
  };
}

/* Unpacked beside its place and moved there whole, so that a run at the same time never sees half of it. */
async function unpack(bin: string, home: string, data: string): Promise<void> {
  await mkdir(data, { recursive: true });
  const beside = await mkdtemp(join(data, 'chromium-'));
  await inflate(join(bin, 'chromium.br'), join(beside, 'chromium'), 0o755);
  for (const name of ['al2023', 'fonts', 'swiftshader']) {
    const archive = join(beside, `${name}.tar`);
    const folder = name === 'swiftshader' ? beside : join(beside, name);
    await mkdir(folder, { recursive: true });
    await inflate(join(bin, `${name}.tar.br`), archive, 0o644);
    await run('tar', ['-xf', archive, '-C', folder]);
    await rm(archive);
  }
  try {
    await rename(beside, home);
  } catch (error) {
    await rm(beside, { recursive: true });
    if (!existsSync(home)) throw error;
  }
}

const inflate = (from: string, to: string, mode: number) =>
  pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode }));

function fontsConfig(folders: string[]): string {
  const dirs = folders.map((folder) => `<dir>${folder}</dir>`).join('');
  const family = (name: string) =>
    `<alias binding="strong"><family>${name}</family><prefer><family>Open Sans</family><family>Noto Sans JP</family></prefer></alias>`;
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${dirs}<cachedir>/tmp/rapport-fonts-cache</cachedir>${family('system-ui')}${family('sans-serif')}</fontconfig>`;
}
