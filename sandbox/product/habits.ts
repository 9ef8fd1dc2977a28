import { DAY } from '../demo/dates.ts';
import type { Random } from '../demo/random.ts';

/** How an account came to use the product over the past year. */
export type Habit =
  | 'healthy'
  | 'declining'
  | 'recovering'
  | 'churned'
  | 'sporadic'
  | 'starting'
  /** Of accounts whose support ended: fewer and fewer before the end, or as ever until it. */
  | 'leaving'
  | 'leavingSuddenly';

export const habits: readonly (readonly [Habit, number])[] = [
  ['healthy', 56], ['declining', 10], ['recovering', 10], ['churned', 5], ['sporadic', 13], ['starting', 6],
]; // prettier-ignore

/** Of those who left, most could be seen leaving; no model catches the others. */
export const farewells: readonly (readonly [Habit, number])[] = [['leaving', 80], ['leavingSuddenly', 20]]; // prettier-ignore

/** Days that the product still runs after support ended. */
const OVERTIME = 10;
const FAREWELL = 100;

/** How likely somebody works with the product on a working day that many days ago; `turn` is when the account's story turned, or its support ended. */
const likelihood: Record<Habit, (daysAgo: number, turn: number) => number> = {
  healthy: () => 0.55,
  declining: (daysAgo, turn) => (daysAgo > turn ? 0.6 : Math.max(0.01, (0.6 * daysAgo) / turn - 0.08)),
  recovering: (daysAgo, turn) => (daysAgo > turn + 60 ? 0.5 : daysAgo > turn ? 0.06 : 0.5),
  churned: (daysAgo, turn) => (daysAgo > turn + 30 ? 0.45 : 0),
  sporadic: () => 0.07,
  starting: (daysAgo, turn) => (daysAgo > turn / 2 ? 0 : 0.5),
  leaving: (daysAgo, turn) =>
    daysAgo < turn - OVERTIME ? 0 : Math.min(0.55, Math.max(0.02, (0.55 * (daysAgo - turn - 20)) / FAREWELL)),
  leavingSuddenly: (daysAgo, turn) => (daysAgo < turn - OVERTIME ? 0 : 0.5),
};

/** Whether somebody with that habit works with the product on that day (its first millisecond, UTC). */
export function isAtWork(
  random: Random,
  habit: Habit,
  at: { day: number; today: number; turn: number },
): boolean {
  const weekday = new Date(at.day).getUTCDay();
  const often = likelihood[habit]((at.today - at.day) / DAY, at.turn);
  return random.chance(weekday === 0 || weekday === 6 ? often / 8 : often);
}

/** What people do in the product, by module. */
export const deeds: readonly (readonly [readonly [module: string, action: string], number])[] = [
  [['Backup', 'Viewed backup status'], 30],
  [['Backup', 'Ran a backup'], 18],
  [['Backup', 'Changed a schedule'], 7],
  [['Restore', 'Browsed a recovery point'], 12],
  [['Restore', 'Restored a file'], 9],
  [['Restore', 'Restored a server'], 2],
  [['Monitor', 'Opened the dashboard'], 16],
  [['Monitor', 'Acknowledged an alert'], 8],
  [['Reports', 'Exported a report'], 5],
  [['Settings', 'Invited a colleague'], 2],
  [['Settings', 'Changed a policy'], 4],
];
