/** A line of two texts: in both, or in one of them alone. */
export interface DiffLine {
  kind: 'same' | 'gone' | 'new';
  text: string;
}

/** Lines of both texts that are compared one by one; longer ones are compared as a whole. */
const MOST_LINES = 2_000;

/** What differs between two texts, line by line: the fewest lines that are gone or new. */
export function differences(before: string, after: string): DiffLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  if (old.length > MOST_LINES || now.length > MOST_LINES)
    return [
      ...old.map((text) => ({ kind: 'gone' as const, text })),
      ...now.map((text) => ({ kind: 'new' as const, text })),
    ];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...old.slice(0, start).map(same),
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map(same),
  ];
}

/* The longest common subsequence, by the lengths of those of all endings. */
function middle(old: string[], now: string[]): DiffLine[] {
  const at = endings(old, now);
  const lines: DiffLine[] = [];
  const add = (kind: DiffLine['kind'], text: string) => lines.push({ kind, text });
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      add('same', old[i++] ?? '');
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) add('gone', old[i++] ?? '');
    else add('new', now[j++] ?? '');
  }
  for (const text of old.slice(i)) add('gone', text);
  for (const text of now.slice(j)) add('new', text);
  return lines;
}

/** How many lines the endings from i and j on have in common, in their order. */
function endings(old: string[], now: string[]): (i: number, j: number) => number {
  const width = now.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = now.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  return at;
}
