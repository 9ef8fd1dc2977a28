/*
 * Slots are where messages differ between recipients. A skeleton has marks in their place, which a provider (or `renderOne`) replaces by
 * a recipient's values: `%s1%` … for merge fields, `%l1%` … for links, and those of the system.
 */

export const UNSUBSCRIBE = '%unsubscribe%';
export const PREFERENCES = '%preferences%';
/** Becomes the open pixel, as an element; nothing where opens are not counted. */
export const OPEN = '%open%';

export const slotMark = (number: number): string => `%s${number}%`;
export const linkMark = (number: number): string => `%l${number}%`;

/** Every mark in a text. */
export const anyMark = /%(?:[sl]\d{1,5}|unsubscribe|preferences|open)%/g;
const beforeName = /%(?=(?:[sl]\d{1,5}|unsubscribe|preferences|open)%)/g;

export const isMarked = (text: string): boolean => text.search(anyMark) >= 0;

/** What somebody typed is never taken for a mark. */
export const unmarkedHtml = (html: string): string => html.replace(beforeName, '&#37;');
export const unmarkedText = (text: string): string => text.replace(beforeName, '%\u2060');

/** A skeleton with a recipient's values in it. A mark without a value stands for nothing. */
export const filled = (skeleton: string, values: Readonly<Record<string, string>>): string =>
  skeleton.replace(anyMark, (mark) => values[mark] ?? '');
