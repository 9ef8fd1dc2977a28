/** Who has the last word about a field. `shared`: nobody is overruled without a person having looked. */
export type Owner = 'salesforce' | 'rapport' | 'shared';

/** A field of which both sides made different things since the actor saw it. */
export interface FieldConflict {
  field: string;
  base: unknown;
  ours: unknown;
  theirs: unknown;
}

/** What is left to do of a write, once Salesforce's present values are known. */
export interface Weighed {
  /** To be written. */
  send: Record<string, unknown>;
  /** Whether Salesforce holds something that stands against what we meant, so that the mirror must look again. */
  isOverruled: boolean;
  conflicts: FieldConflict[];
}

interface Given {
  ours: Readonly<Record<string, unknown>>;
  /** What the actor saw; a field that is not in it was not seen. */
  base: Readonly<Record<string, unknown>>;
  remote: Readonly<Record<string, unknown>>;
  ownerOf: (field: string) => Owner;
}

type Verdict = 'send' | 'leave' | 'yield' | 'ask';

/** The three-way merge, field by field: one that both sides changed does not hold up the others. */
export function weigh({ ours, base, remote, ownerOf }: Given): Weighed {
  const weighed: Weighed = { send: {}, isOverruled: false, conflicts: [] };
  for (const [field, value] of Object.entries(ours)) {
    const sides = { ours: value, theirs: remote[field], ...(field in base ? { base: base[field] } : {}) };
    const verdict = verdictOn(sides, ownerOf(field));
    if (verdict === 'send') weighed.send[field] = value;
    if (verdict === 'yield') weighed.isOverruled = true;
    if (verdict === 'ask')
      weighed.conflicts.push({
        field,
        base: base[field] ?? null,
        ours: value,
        theirs: remote[field] ?? null,
      });
  }
  return weighed;
}

interface Sides {
  ours: unknown;
  theirs: unknown;
  base?: unknown;
}

function verdictOn(sides: Sides, owner: Owner): Verdict {
  const { ours, theirs } = sides;
  if (isSame(ours, theirs)) return 'leave';
  if (owner === 'rapport') return 'send';
  if (!('base' in sides)) return unseen(sides, owner);
  if (isSame(ours, sides.base)) return 'yield';
  if (isSame(sides.base, theirs)) return 'send';
  return owner === 'salesforce' ? 'yield' : 'ask';
}

/** Nobody knows what the actor saw: nothing is emptied, nothing that somebody wrote is written over (B14). */
function unseen({ ours, theirs }: Sides, owner: Owner): Verdict {
  if (isEmpty(theirs)) return 'send';
  return owner === 'salesforce' || isEmpty(ours) ? 'yield' : 'ask';
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '';

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const ID = /^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$/;

/** Whether two values are one to Salesforce, which trims, keeps whole seconds, and gives ids in two lengths. */
export function isSame(a: unknown, b: unknown): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a === 'string' && typeof b === 'string') return isSameText(a, b);
  if (typeof a === 'number' || typeof b === 'number') return Number(a) === Number(b);
  return String(a) === String(b);
}

function isSameText(a: string, b: string): boolean {
  if (a === b) return true;
  if (MOMENT.test(a) && MOMENT.test(b)) return secondsOf(a) === secondsOf(b);
  if (ID.test(a) && ID.test(b) && a.length !== b.length) return a.slice(0, 15) === b.slice(0, 15);
  return plain(a) === plain(b);
}

const secondsOf = (moment: string): number => Math.floor(Date.parse(moment) / 1000);
const plain = (text: string): string => text.replace(/\r\n?/g, '\n').trim();
