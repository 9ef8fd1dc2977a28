import type { Response } from 'express';

import { previewContent, type ContentPreview } from '../../content/previews.ts';
import type { Problem } from '../../content/content.ts';
import type { MessageContent } from '../../content/document.ts';
import type { StaffViewer } from '../../access/viewer.ts';
import { localeNames } from '../../platform/locale.ts';
import { translator } from '../../platform/words.ts';

const t = translator('en', 'console');

export type Scheme = 'light' | 'dark';

/** A mail as a program in light or dark colours shows it, whatever the reader's own system has. */
export function inScheme(html: string, scheme: Scheme): string {
  const other = scheme === 'dark' ? 'light' : 'dark';
  return html
    .replaceAll(new RegExp(`\\(\\s*prefers-color-scheme\\s*:\\s*${scheme}\\s*\\)`, 'gi'), '(min-width: 0)')
    .replaceAll(new RegExp(`\\(\\s*prefers-color-scheme\\s*:\\s*${other}\\s*\\)`, 'gi'), '(max-width: 0)')
    .replaceAll(/(<meta name="(?:supported-)?color-schemes?" content=")[^"]*"/g, `$1${scheme} only"`);
}

/** What is wrong with a message, in words. */
export const problemsTold = (problems: readonly Problem[]) =>
  problems.map(({ code, severity, detail, locale, variant }) => ({
    code,
    severity,
    locale,
    variant,
    text: t(`messages.problems.${code}`, { detail, defaultValue: code }),
    where: [
      locale && localeNames[locale],
      variant === undefined || variant === 0 ? undefined : letterOf(variant),
    ]
      .filter(Boolean)
      .join(', '),
  }));

/** What variants are called: A, B, C … */
export const letterOf = (variant: number): string => String.fromCodePoint(65 + variant);

/** One language of one variant, as its reader gets it. */
export async function previewOf(
  viewer: StaffViewer,
  content: MessageContent,
  wanted: { locale: string; variant: number; personId?: number; scheme: Scheme },
): Promise<ContentPreview & { failureTold?: string }> {
  const made = await previewContent(viewer, content, wanted);
  return {
    ...made,
    html: inScheme(made.html, wanted.scheme),
    ...(made.failure !== undefined && {
      failureTold: t(`campaigns.reasons.${made.failure}`, { defaultValue: made.failure }),
    }),
  };
}

/** A message by itself, for a frame. It is other people's HTML: the browser is told to run nothing of it and to load nothing but pictures. */
export function sendFrame(res: Response, { html, text }: { html: string; text: string }): void {
  res.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: https:; frame-ancestors 'self'; sandbox",
  );
  res.setHeader('X-Frame-Options', 'SAMEORIGIN');
  if (html === '') res.type('text/plain; charset=utf-8').send(text);
  else res.type('html').send(html);
}
