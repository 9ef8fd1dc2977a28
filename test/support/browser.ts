import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { Express } from 'express';
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';

import { serve } from '../../src/platform/http/serve.ts';

import { unpackedChromium } from './chromium.ts';
import { PASSWORD, sessionCookieOf } from './people.ts';

/**
 * The windows in which pages are looked at: each width and each scheme once; with LOOKS=all both widths in both schemes, and a picture
 * of each is kept.
 */
const isThorough = process.env.LOOKS === 'all';
export const looks: readonly Pick<Look, 'width' | 'scheme'>[] = [
  { width: 1280, scheme: 'light' },
  ...(isThorough
    ? ([
        { width: 1280, scheme: 'dark' },
        { width: 390, scheme: 'light' },
      ] as const)
    : []),
  { width: 390, scheme: 'dark' },
];

export interface Look {
  width: number;
  scheme: 'light' | 'dark';
  /** BCP 47, as the browser asks for it; English if not given. */
  locale?: string;
  /** Whether scripts run; they do if not given. */
  scripts?: boolean;
}

/** A headless Chromium: real HTTP against an application that it serves. Works as root, and on a machine without fonts. */
export interface TestBrowser {
  /** Where the application is, without a slash at the end. */
  readonly url: string;
  /** A browser window of its own, in which someone may sign in; closed with the rest. */
  context: (look?: Partial<Look>) => Promise<BrowserContext>;
  /** A window in which that person is signed in. What the form does is tested where it is; here it would be opened a hundred times. */
  signedIn: (person: { email: string }, look?: Partial<Look>, password?: string) => Promise<BrowserContext>;
}

/** Serves the application and opens a browser before the tests of this file, and closes both after them. */
export function useBrowser(app: () => Express): TestBrowser {
  let browser: Browser | undefined;
  let server: Awaited<ReturnType<typeof serve>> | undefined;
  beforeAll(async () => {
    server = await serve(app(), 0);
    browser = await launch();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  const context: TestBrowser['context'] = async (look = {}) => {
    if (browser === undefined) throw new Error('the browser opens before the first test');
    return await browser.newContext(windowOf(look));
  };
  const urlOf = () => `http://127.0.0.1:${String(server?.port)}`;
  return {
    get url() {
      return urlOf();
    },
    context,
    signedIn: async (person, look, password = PASSWORD) => {
      const opened = await context(look);
      const cookies = (await sessionCookieOf(urlOf(), person, password)).split('; ').filter(Boolean);
      if (cookies.length === 0) throw new Error(`${person.email} could not sign in`);
      await opened.addCookies(
        cookies.map((cookie) => ({
          name: cookie.slice(0, cookie.indexOf('=')),
          value: cookie.slice(cookie.indexOf('=') + 1),
          url: urlOf(),
        })),
      );
      return opened;
    },
  };
}

/** Chromium itself, for scripts and for tests that serve by themselves. */
export async function launch(): Promise<Browser> {
  const { executablePath, env } = await unpackedChromium();
  return await chromium.launch({
    executablePath,
    env,
    headless: true,
    args: [
      '--no-sandbox',
      '--no-zygote',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--font-render-hinting=none',
    ],
  });
}

export function windowOf({ width = 1280, scheme = 'light', locale = 'en', scripts = true }: Partial<Look>) {
  return {
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: scheme,
    locale,
    javaScriptEnabled: scripts,
    reducedMotion: 'reduce',
    deviceScaleFactor: 1,
  } as const;
}

/* The engine of @axe-core/playwright without its builder, which takes as long again: it hands over what passed, and asks each frame in turn. */
const builder = createRequire(import.meta.url).resolve('@axe-core/playwright');
const axe = `${readFileSync(createRequire(builder).resolve('axe-core/axe.min.js'), 'utf8')};
  axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] });`;

/* What stands in the frame of a preview is somebody's message, and runs nothing, axe neither. */
const look = `axe.run({ exclude: [['.message-frame']] }, { resultTypes: ['violations'] }).then(({ violations }) => ({
  violations: violations.map(({ id, help, nodes }) =>
    ({ id, help, nodes: nodes.map(({ target, failureSummary }) => ({ target, failureSummary })) })),
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
}))`;

interface Found {
  violations: { id: string; help: string; nodes: { target: string[]; failureSummary?: string }[] }[];
  /** Pixels by which the page is wider than the window. */
  overflow: number;
}

/** Expects axe to find nothing against WCAG 2.2 AA and good practice, and no sideways scrolling. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations, overflow } = await found(page).catch(async (error: unknown) => {
    if (!isNavigation(error)) throw error;
    await page.waitForLoadState('networkidle');
    return await found(page);
  });
  expect.soft(overflow, `${page.url()} scrolls sideways`).toBe(0);
  const faults = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `    ${node.target.join(' ')} ${node.failureSummary ?? ''}`).join('\n')}`,
  );
  expect.soft(faults, page.url()).toEqual([]);
}

async function found(page: Page): Promise<Found> {
  for (const frame of page.frames()) if (!(await isMessage(frame))) await frame.evaluate(axe);
  return await page.evaluate<Found>(look);
}

/** A frame had only begun to load what it shows. */
const isNavigation = (error: unknown): boolean =>
  error instanceof Error && /context was destroyed|frame was detached/i.test(error.message);

async function isMessage(frame: Frame): Promise<boolean> {
  if (frame.parentFrame() === null) return false;
  const element = await frame.frameElement();
  return await element.evaluate<boolean, unknown>('(frame) => frame.closest(".message-frame") !== null');
}

/** With LOOKS=all, keeps a picture of the whole page under test/output/, which git ignores. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (!isThorough) return;
  mkdirSync('test/output', { recursive: true });
  const path = join('test/output', `${name.replaceAll(/[^\w.-]+/g, '-')}.png`);
  await page.screenshot({ path, fullPage: true });
}
