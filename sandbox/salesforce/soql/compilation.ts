import type { Context } from '../context.ts';
import { dayIn } from './dates.ts';
import type { Compilation } from './scope.ts';
import type { Source } from './source.ts';

/** A query's empty state, with today as the user's time zone has it. */
export function startCompilation(ctx: Context, source: Source): Compilation {
  return { ctx, source, values: [], aliases: 0, today: dayIn(ctx.user.timeZone, ctx.org.clock.now()) };
}
