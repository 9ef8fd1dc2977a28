import type { Viewer } from '../access/viewer.ts';
import { NotPublic, lookPublicly } from '../platform/public-web.ts';

import { versionSeenBy } from './messages.ts';

/** What was found where a link leads. */
export interface LinkFound {
  url: string;
  label: string;
  /** `moved`: it leads on to another address; that is not followed. */
  outcome: 'fine' | 'moved' | 'broken' | 'unreachable' | 'notPublic' | 'personal';
  status?: number;
}

const AT_ONCE = 6;

/** Looks where the links of a message lead, on the public web alone; those that differ by recipient cannot be looked at. @throws NotFound */
export async function linkReport(viewer: Viewer, id: string, version?: number): Promise<LinkFound[]> {
  const { built } = await versionSeenBy(viewer, id, version);
  const links = new Map(built.parts.flatMap((part) => part.links).map((link) => [link.number, link]));
  const waiting = [...links.values()];
  const found: LinkFound[] = [];
  while (waiting.length > 0) found.push(...(await Promise.all(waiting.splice(0, AT_ONCE).map(look))));
  return found;
}

async function look({ url, label }: { url: string; label: string }): Promise<LinkFound> {
  if (/\{[{%]/.test(url)) return { url, label, outcome: 'personal' };
  try {
    const status = await lookPublicly(url.replace(/^http:/, 'https:'));
    return { url, label, status, outcome: outcomeOf(status) };
  } catch (error) {
    return {
      url,
      label,
      outcome:
        error instanceof NotPublic || (error as Error).cause instanceof NotPublic
          ? 'notPublic'
          : 'unreachable',
    };
  }
}

function outcomeOf(status: number): LinkFound['outcome'] {
  if (status >= 400) return 'broken';
  return status >= 300 ? 'moved' : 'fine';
}
