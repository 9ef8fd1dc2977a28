import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type RequestHandler, Router, type Response } from 'express';
import sirv from 'sirv';

import { brandTokens } from '../brand.ts';
import { config } from '../config.ts';

import { sprite } from './icon-sprite.ts';

const root = join(import.meta.dirname, '../../..');
const isDevelopment = config.NODE_ENV === 'development';
const readText = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

/* Layers in rising order of precedence; a file of public/css is the layer of its name. */
const layers = [
  'framework',
  'tokens',
  'base',
  'components',
  'pages',
  'charts',
  'rules',
  'console',
  'alerts',
  'campaigns',
  'editor',
  'tracks',
];

function stylesheet(): string {
  const framework = readText('node_modules/bootstrap/dist/css/bootstrap-reboot.min.css').replace(
    /\/\*# source.*\*\//,
    '',
  );
  const ours = layers.slice(1).map((name) => `@layer ${name} {\n${readText('public/css', `${name}.css`)}\n}`);
  return [
    `@layer ${layers.join(', ')};`,
    `@layer framework {${framework}}`,
    ...ours,
    `@layer tokens {${brandTokens()}}`,
  ].join('\n');
}

/* behaviours.js first: it holds what the others register with. The sensor is for the pages of other products. */
const apart = ['behaviours.js', 'sensor.js'];

function script(): string {
  const names = readdirSync(join(root, 'public/js')).filter(
    (name) => name.endsWith('.js') && !apart.includes(name),
  );
  return ['behaviours.js', ...names.sort()].map((name) => `{\n${readText('public/js', name)}\n}`).join('\n');
}

interface Bundle {
  readonly type: string;
  readonly make: () => string;
  text: string;
  hash: string;
}

const bundle = (type: string, make: () => string): Bundle => fresh({ type, make, text: '', hash: '' });

function fresh(made: Bundle): Bundle {
  made.text = made.make();
  made.hash = hashOf(made.text);
  return made;
}

const hashOf = (content: string | Buffer) => createHash('sha256').update(content).digest('hex').slice(0, 12);

const bundles: Record<string, Bundle> = {
  '/assets/rapport.css': bundle('text/css', stylesheet),
  '/assets/rapport.js': bundle('text/javascript', script),
  '/assets/icons.svg': bundle('image/svg+xml', sprite),
};

const vendored: Record<string, string> = {
  '/vendor/htmx.js': 'node_modules/htmx.org/dist/htmx.min.js',
  '/vendor/grapes.js': 'node_modules/grapesjs/dist/grapes.min.js',
  '/vendor/grapes-mjml.js': 'node_modules/grapesjs-mjml/dist/index.js',
  '/vendor/grapes.css': 'node_modules/grapesjs/dist/css/grapes.min.css',
};

const hashes = new Map<string, string>();

/** The address of a file of public/, of a bundle or of a vendored script, with its content's hash: cached for a year. */
export function asset(path: string): string {
  const made = bundles[path];
  if (made !== undefined) return `${path}?v=${(isDevelopment ? fresh(made) : made).hash}`;
  let hash = isDevelopment ? undefined : hashes.get(path);
  hash ??= hashOf(readFileSync(join(root, vendored[path] ?? join('public', path))));
  hashes.set(path, hash);
  return `${path}?v=${hash}`;
}

/* An address with a hash never changes its content; without one, the browser asks whether it did. */
function cacheFor(res: Response, isHashed: boolean): void {
  res.setHeader(
    'Cache-Control',
    isHashed && !isDevelopment ? 'public, max-age=31536000, immutable' : 'public, no-cache',
  );
}

const serveFiles: RequestHandler = sirv(join(root, 'public'), {
  dev: isDevelopment,
  etag: true,
  setHeaders: (res) => {
    cacheFor(res as Response, (res as Response).req.query.v !== undefined);
  },
});

const files = Router();

/** Everything that is the same for everyone: styles, scripts and images. Each of their names has a dot; a page need not be looked for among them. */
export const staticFiles: RequestHandler = (req, res, next) => {
  if (req.path.includes('.')) files(req, res, next);
  else next();
};
for (const [path, made] of Object.entries(bundles))
  files.get(path, (req, res) => {
    cacheFor(res, req.query.v === made.hash);
    res.type(made.type).send(made.text);
  });
for (const [path, file] of Object.entries(vendored))
  files.get(path, (req, res) => {
    cacheFor(res, req.query.v !== undefined);
    if (file.endsWith('.css')) res.type('text/css').send(`@layer framework {${readText(file)}}`);
    else res.type('text/javascript').send(readText(file).replace(/\n\/\/# sourceMappingURL=.*\s*$/, ''));
  });
files.use(serveFiles);
