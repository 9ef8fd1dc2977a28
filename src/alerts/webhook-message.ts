import { config } from '../platform/config.ts';
import type { Locale } from '../platform/locale.ts';

import type { AlertRule } from './rules.ts';
import type { Signal } from './signals.ts';
import { nameOf, pathOf, reasonsOf, sentenceOf, speechOf } from './words.ts';

/** A message as Slack's incoming webhooks take it, and those that speak the same (Mattermost, Rocket.Chat, Discord's `/slack`). */
export interface Message {
  text: string;
  blocks: { type: 'section'; text: { type: 'mrkdwn'; text: string } }[];
}

/** Signals shown of a batch; the rest is counted. */
export const SHOWN = 15;

/** How the people are spoken to who read it, in one channel together. */
export interface Channel {
  locale: Locale;
  timeZone: string;
}

export function messageOf(
  rule: Pick<AlertRule, 'code' | 'name'>,
  { signals, total }: { signals: readonly Signal[]; total: number },
  { locale, timeZone }: Channel,
): Message {
  const speech = speechOf(locale, timeZone);
  const title = nameOf(rule, speech);
  const lines = signals.map((signal) => {
    const link = `<${config.publicUrl}${pathOf(signal)}|${escaped(signal.accountName)}>`;
    return `• ${link}: ${[sentenceOf(signal, speech), ...reasonsOf(signal, speech)].map(escaped).join(' · ')}`;
  });
  if (total > signals.length)
    lines.push(
      `<${config.publicUrl}/console/inbox|${escaped(speech.t('digest.more', { left: total - signals.length }))}>`,
    );
  const names = signals.slice(0, 3).map(({ accountName }) => accountName);
  return {
    text: escaped(`${title}: ${names.join(', ')}${total > names.length ? ' …' : ''}`),
    blocks: [section(`*${escaped(title)}*`), ...chunks(lines).map(section)],
  };
}

export const testMessage = (name: string, { locale, timeZone }: Channel): Message => {
  const text = speechOf(locale, timeZone).t('webhook-test', { name, brand: config.BRAND_NAME });
  return { text: escaped(text), blocks: [section(escaped(text))] };
};

const section = (text: string): Message['blocks'][number] => ({
  type: 'section',
  text: { type: 'mrkdwn', text },
});

/* What has a meaning in Slack's own markup. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/* A block takes 3,000 characters. */
function chunks(lines: readonly string[]): string[] {
  const all: string[] = [];
  for (const line of lines.map((one) => one.slice(0, 1000))) {
    const last = all.at(-1);
    if (last === undefined || last.length + line.length > 2800) all.push(line);
    else all[all.length - 1] = `${last}\n${line}`;
  }
  return all;
}
