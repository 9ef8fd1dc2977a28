import { forStaff, type Viewer } from '../access/viewer.ts';
import { Conflict, NotFound } from '../platform/errors.ts';

import { formerLooks, lookOfBrand } from './brand-kit.ts';
import type { MessageContent } from './document.ts';
import { changeMessage } from './messages.ts';
import * as queries from './redressing.queries.ts';
import type { Look } from './templates/dressing.ts';
import { redressed } from './templates/redressing.ts';

/** A message or template that looks as the brand did before. */
export interface Outdated {
  id: string;
  name: string;
  kind: 'message' | 'template';
  version: number;
}

/** Those that were written before the brand changed and still show it, by name. */
export async function outdatedMessages(viewer: Viewer): Promise<Outdated[]> {
  const looks = await looksOfBrand();
  const found: Outdated[] = [];
  if (looks.former.length === 0) return found;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const some = await queries.selectNewestAfter(forStaff(viewer), after, AT_ONCE);
    for (const { id, name, kind, version, content } of some)
      if (inBrand(content, looks) !== undefined) found.push({ id, name, kind, version });
    const last = some.at(-1);
    if (last === undefined || some.length < AT_ONCE) break;
    after = last.id;
  }
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

const AT_ONCE = 25;

/** What one of them says now, and how it would be in the brand of today. @throws NotFound, also where nothing of it would change */
export async function outdatedMessage(
  viewer: Viewer,
  id: string,
): Promise<Outdated & { description: string; content: MessageContent; dressed: MessageContent }> {
  const message = await queries.selectNewestOf(forStaff(viewer), id);
  const dressed = message && inBrand(message.content, await looksOfBrand());
  if (message === undefined || dressed === undefined) throw new NotFound();
  return { ...message, dressed };
}

/**
 * Makes a next version of each in the brand of today. Runs, and campaigns that were approved, go on with the versions that they have.
 * @param wanted which, and the version of each that was looked at @returns how many; whoever was changed meanwhile is left as it is
 */
export async function redress(
  viewer: Viewer,
  wanted: readonly { id: string; version: number }[],
): Promise<number> {
  let count = 0;
  for (const { id, version } of wanted) {
    try {
      const { name, description, dressed } = await outdatedMessage(viewer, id);
      await changeMessage(viewer, id, { name, description, content: dressed, base: version });
      count += 1;
    } catch (error) {
      if (!(error instanceof NotFound || error instanceof Conflict)) throw error;
    }
  }
  return count;
}

interface Looks {
  today: Look;
  former: Look[];
}

async function looksOfBrand(): Promise<Looks> {
  const [today, former] = await Promise.all([lookOfBrand(), formerLooks()]);
  return { today, former };
}

function inBrand(content: MessageContent, { today, former }: Looks): MessageContent | undefined {
  let made: MessageContent | undefined;
  for (const look of former) made = redressed(made ?? content, look, today) ?? made;
  return made;
}
