import { anyMark, filled } from '../content/marks.ts';

import type { OutgoingMessage, Recipient } from './channel.ts';

/** What channels of text show of a message. */
export interface TextContent {
  title: string;
  text: string;
  /** Buttons that lead somewhere. */
  actions: { text: string; uri: string }[];
}

/** Sunshine's limits. */
const MOST_TEXT = 4_096;
const MOST_ACTIONS = 10;
const MOST_LABEL = 128;
const MOST_ADDRESS = 2_048;

/** A message as chat shows it, before recipients' values are in it. */
interface Skeleton {
  text: string;
  links: { label: string; url: string }[];
}

const skeletons = new WeakMap<OutgoingMessage, Skeleton>();

/**
 * What such a channel shows of a message: its plain text. A link that has a line to itself, as buttons have, becomes a button. Subject, pictures, colours and columns
 * are left out, tables are lines. @returns undefined when it is too long for a chat message
 */
export function contentFor(message: OutgoingMessage, values: Recipient['values']): TextContent | undefined {
  let skeleton = skeletons.get(message);
  if (skeleton === undefined) {
    skeleton = skeletonOf(message);
    skeletons.set(message, skeleton);
  }
  const actions = skeleton.links.map(({ label, url }) => ({
    text: filled(label, values).toWellFormed().trim().slice(0, MOST_LABEL),
    uri: filled(url, values),
  }));
  const buttons = actions.filter(
    ({ text, uri }) => text !== '' && uri.length <= MOST_ADDRESS && isAddress(uri),
  );
  const others = actions.filter((action) => !buttons.includes(action) && action.uri !== '');
  const text = [filled(skeleton.text, values), ...others.map((each) => `${each.text}: ${each.uri}`)]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .toWellFormed()
    .trim();
  const title = filled(message.subject, values).toWellFormed().trim();
  const shown = text === '' ? title : text;
  return shown.length > MOST_TEXT || shown === '' ? undefined : { title, text: shown, actions: buttons };
}

const isAddress = (uri: string): boolean => /^https?:\/\/[^\s<>"]+$/.test(uri);

/* "Read more: %l3%", alone in its line. */
const button = /^(?<label>[^\n:]{1,80}): (?<url>%(?:l\d{1,5}|unsubscribe|preferences)%|https?:\/\/\S+)$/;

function skeletonOf({ text }: OutgoingMessage): Skeleton {
  const links: Skeleton['links'] = [];
  const lines = text.split('\n').filter((line) => {
    const found = button.exec(line.trim())?.groups;
    const isTaken = found !== undefined && links.length < MOST_ACTIONS && !isWholeOfMarks(found.label ?? '');
    if (isTaken) links.push({ label: found.label ?? '', url: found.url ?? '' });
    return !isTaken;
  });
  return { text: lines.join('\n'), links };
}

/* A label that differs by recipient may come out as nothing. */
const isWholeOfMarks = (label: string): boolean => label.replace(anyMark, '').trim() === '';
