/** A comment in Salesforce holds 4,000 bytes, not characters. */
const COMMENT_BYTES = 4000;

/** Room for the longest heading that this file writes. */
const HEADING_BYTES = 280;

const heading = /^(.{1,200}) \(customer portal(?:, (\d+) of (\d+))?\):\n\n/u;

export interface PortalComment {
  author: string;
  text: string;
  /** Which part of a longer reply it is, from 1. */
  part: number;
  of: number;
}

/**
 * A reply from the portal as comments for Salesforce: each headed by its writer's name, since there they all come from one
 * integration user; as many as the limit of a comment asks for, cut between lines or words where possible.
 */
export function commentsFrom(author: string, text: string): string[] {
  const name = nameOf(author);
  const whole = `${name} (customer portal):\n\n${text}`;
  if (Buffer.byteLength(whole) <= COMMENT_BYTES) return [whole];
  const parts = split(text, COMMENT_BYTES - HEADING_BYTES);
  return parts.map(
    (part, i) => `${name} (customer portal, ${String(i + 1)} of ${String(parts.length)}):\n\n${part}`,
  );
}

/** Reads such a comment back, or returns undefined for any other. */
export function readPortalComment(body: string): PortalComment | undefined {
  const match = heading.exec(body);
  if (match?.[1] === undefined) return undefined;
  return {
    author: match[1],
    text: body.slice(match[0].length),
    part: Number(match[2] ?? 1),
    of: Number(match[3] ?? 1),
  };
}

/** Short enough for a heading in any script. */
function nameOf(author: string): string {
  const [name] = split(author.replace(/\s+/g, ' ').trim(), 200);
  return name === undefined || name === '' ? '?' : name;
}

function split(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (Buffer.byteLength(rest) > limit) {
    const end = cut(rest, limit);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === '' ? parts : [...parts, rest];
}

/** Where to cut so that what precedes fits: after a line, else a word, in the last half; else between characters. */
function cut(text: string, limit: number): number {
  const fitting = charactersWithin(text, limit);
  for (const gap of ['\n', ' ']) {
    const at = text.lastIndexOf(gap, fitting - 1);
    if (at > fitting / 2) return at + 1;
  }
  return fitting;
}

function charactersWithin(text: string, limit: number): number {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > limit) break;
    end += character.length;
  }
  return end;
}
