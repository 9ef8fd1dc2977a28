import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { safeEmailHtml } from '../../src/cases/email-html.ts';
import { fileNameFrom } from '../../src/cases/file-types.ts';
import { linkedText } from '../../src/cases/linked-text.ts';
import { commentsFrom, readPortalComment } from '../../src/cases/portal-comments.ts';
import { textFrom } from '../../src/cases/typed-text.ts';

describe("a reply's comments", () => {
  test('each fit Salesforce, read back as their writer and together hold every word, whatever was typed', () => {
    const typed = fc.string({ unit: 'grapheme', maxLength: 9000, size: 'max' }).map(textFrom);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), typed, (author, text) => {
        const bodies = commentsFrom(author, text);
        const words = (all: string) => all.replace(/\s+/gu, '');
        const read = bodies.map((body) => readPortalComment(body)?.text ?? '?unread?');
        expect(words(read.join(''))).toBe(words(text));
        for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4000);
      }),
      { numRuns: 200 },
    );
  });
});

describe('plain text', () => {
  test('gets links of http and https alone, and loses no character', () => {
    expect(linkedText('see (https://a.example/x_(1)) or http://b.example/, javascript:alert(1)')).toEqual([
      { text: 'see (' },
      { text: 'https://a.example/x_(1))', href: 'https://a.example/x_(1))' },
      { text: ' or ' },
      { text: 'http://b.example/', href: 'http://b.example/' },
      { text: ', javascript:alert(1)' },
    ]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(
          linkedText(text)
            .map((segment) => segment.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});

describe("an e-mail's HTML", () => {
  test('keeps words, lists and links', () => {
    expect(
      safeEmailHtml(
        '<h1>Hi</h1><p style="color:red" id="x" class="y">a <a href="https://a.example">b</a><br>c</p>',
      ),
    ).toBe('<h3>Hi</h3><p>a <a href="https://a.example" rel="noopener noreferrer nofollow">b</a><br />c</p>');
  });

  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<svg/onload=alert(1)>',
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<style>@import url(//evil)</style>',
    '<p onclick="alert(1)">x</p>',
    '<math><mi xlink:href="data:x,<script>alert(1)</script>"></math>',
    '<form action=/x><input name=a></form>',
    '<base href=//evil>',
    '<meta http-equiv=refresh content=0;url=//evil>',
    '<a href="//evil.example">x</a>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  ])('carries nothing active: %s', (html) => {
    expect(safeEmailHtml(html)).not.toMatch(
      /script|onerror|onload|onclick|<img|<svg|<iframe|<style|<form|<input|<base|<meta|evil/i,
    );
  });
});

describe("a file's name", () => {
  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\trace.log', 'trace.log'],
    ['a\r\nX-Evil: 1.txt', 'a X-Evil 1.txt'],
    ['invoice\u202Efdp.exe', 'invoice fdp.exe'],
    ['"quoted".txt', 'quoted .txt'],
    ['.htaccess', 'htaccess'],
    ['', 'file'],
    ['...', 'file'],
    ['レポート.pdf', 'レポート.pdf'],
    [`${'x'.repeat(300)}.zip`, `${'x'.repeat(196)}.zip`],
  ])('%j becomes %j', (given, expected) => {
    expect(fileNameFrom(given)).toBe(expected);
  });
});
