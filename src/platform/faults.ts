import { config } from './config.ts';

/*
 * Where tests have a process die: `FAULT=seed:7,sending:0.2,settled:0.1` kills it at the point `sending` with a chance of 0.2 each time it
 * gets there, as kill -9 does; `sending:0.2:STOP` stops it there until somebody lets it go on. Outside tests the setting is refused, and
 * these do nothing.
 */
let faults = planned(config.FAULT);
let state = seedOf(faults);

/** Has this process die there instead: tests start processes before they know what becomes of them. */
export function planFaults(setting: string | undefined): void {
  if (config.NODE_ENV !== 'test') throw new Error('faults are for tests alone');
  faults = planned(setting);
  state = seedOf(faults);
}

function planned(setting = '') {
  return new Map(
    setting.split(',').map((each) => {
      const [point = '', chance = '0', signal = 'KILL'] = each.split(':');
      return [point, { chance: Number(chance), signal: `SIG${signal}` as NodeJS.Signals }];
    }),
  );
}

function seedOf(plan: typeof faults): number {
  return 1 + (plan.get('seed')?.chance ?? 0);
}

const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;

/** A point in the course of things at which a test may have this process die. */
export function faultPoint(point: string): void {
  strike(point, (die) => {
    die();
  });
}

/** The same at some moment while something is under way. */
export function faultWithin(point: string, milliseconds: number): void {
  strike(point, (die) => setTimeout(die, random() * milliseconds));
}

function strike(point: string, when: (die: () => void) => void): void {
  const fault = faults.get(point);
  if (fault !== undefined && random() < fault.chance)
    when(() => {
      process.kill(process.pid, fault.signal);
    });
}
