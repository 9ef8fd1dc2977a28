import { describe, test } from 'vitest';

import { createApp } from '../../src/app.ts';
import { expectAccessible, looks, screenshot, useBrowser } from '../support/browser.ts';

const browser = useBrowser(createApp);

/** The pages that anyone may read. */
const publicPages = ['/', '/help', '/no-such-page'];

describe.each(looks)('at $width pixels, $scheme', (look) => {
  test.each(publicPages)('%s is accessible', async (path) => {
    const context = await browser.context(look);
    const page = await context.newPage();
    await page.goto(browser.url + path);
    await screenshot(page, `${path}-${String(look.width)}-${look.scheme}`);
    await expectAccessible(page);
    await context.close();
  });
});
