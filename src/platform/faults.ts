import { config } from './config.ts';

/*
 * Where tests have a process die: `FAULT=sending:0.2,settled:0.1` kills it at the point `sending` with a chance of 0.2 each time it gets
 * there, as kill -9 does. Outside tests the setting is refused, and these do nothing.
 */
const chances = new Map(
  (config.FAULT ?? '').split(',').map((each) => {
    const [point = '', chance = '0'] = each.split(':');
    return [point, Number(chance)];
  }),
);

/** A point in the course of things at which a test may have this process die. */
export function faultPoint(point: string): void {
  if (Math.random() < (chances.get(point) ?? 0)) process.kill(process.pid, 'SIGKILL');
}

/** The same at some moment while something is under way. */
export function faultWithin(point: string, milliseconds: number): void {
  if (Math.random() < (chances.get(point) ?? 0))
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), Math.random() * milliseconds);
}
