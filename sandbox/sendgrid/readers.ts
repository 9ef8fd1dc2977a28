import { fields, list } from './validate-values.ts';
import { substitution } from './mail.ts';

/** What readers ask of the sender beside what SendGrid tells: links that they follow, subscriptions that they end. */
const AT_ONCE = 4;
/** More of one request would only load the machine. */
const MOST_OF_A_REQUEST = 100;
const USER_AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36';

interface Act {
  url: string;
  method: 'GET' | 'POST';
}

/** Carries out what readers do, a few at a time. Only addresses of this machine are asked. */
export function createReaders() {
  const waiting: Act[] = [];
  let busy = 0;
  let isClosed = false;

  function next(): void {
    while (busy < AT_ONCE && !isClosed) {
      const act = waiting.shift();
      if (act === undefined) return;
      busy += 1;
      void carryOut(act).finally(() => {
        busy -= 1;
        next();
      });
    }
  }

  return {
    do(acts: readonly Act[]): void {
      waiting.push(...acts.slice(0, MOST_OF_A_REQUEST).filter(({ url }) => isLocal(url)));
      next();
    },
    close(): void {
      isClosed = true;
    },
  };
}

async function carryOut({ url, method }: Act): Promise<void> {
  await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
    headers: { 'user-agent': USER_AGENT, 'content-type': 'application/x-www-form-urlencoded' },
    ...(method === 'POST' ? { body: 'List-Unsubscribe=One-Click' } : {}),
  }).catch(() => undefined);
}

const isLocal = (url: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(URL.parse(url)?.hostname ?? '');

/** The link that a reader of this mail follows: the first that people see, with their own values. */
export function clickOf(request: Record<string, unknown>, personalization: Record<string, unknown>): Act[] {
  const html = list(request.content)
    .map(fields)
    .find(({ type }) => type === 'text/html');
  const substitute = substitution(personalization);
  const markup = typeof html?.value === 'string' ? html.value : '';
  const links = markup.matchAll(/<a\s[^>]*?href="([^"]+)"/g);
  for (const [tag, href = ''] of links) {
    if (/display:\s*none|aria-hidden/.test(tag)) continue;
    const url = substitute(href).replaceAll('&amp;', '&');
    if (/^https?:/.test(url) && !/unsubscribe|preferences/.test(url)) return [{ url, method: 'GET' }];
  }
  return [];
}

/** What a mail program posts when its user ends a subscription (RFC 8058). */
export function unsubscribeOf({ headers }: Record<string, unknown>): Act[] {
  const { 'List-Unsubscribe': list, 'List-Unsubscribe-Post': post } = fields(headers);
  const [, url] = /<(https?:[^>]+)>/.exec(typeof list === 'string' ? list : '') ?? [];
  return url !== undefined && post === 'List-Unsubscribe=One-Click' ? [{ url, method: 'POST' }] : [];
}
