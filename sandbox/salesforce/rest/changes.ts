import { quote } from '../../database.ts';
import { restDateTime, wholeSeconds } from '../../clock.ts';
import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import { ok } from './dispatch.ts';
import type { Params, RestAnswer, RestRequest } from './dispatch.ts';
import { objectOf } from './named.ts';

const thirtyDays = 30 * 24 * 3600 * 1000;

interface Span {
  start: Date;
  end: Date;
}

/** GET /sobjects/Account/updated?start=&end=: live records changed in the time, at most 600,000. */
export async function getUpdated(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const sobject = objectOf(ctx, params.sobject);
  const span = spanOf(ctx, request);
  const rows = await changed(ctx, sobject, { ...span, deleted: false });
  return ok({ ids: rows.map((row) => row.id), latestDateCovered: latestCovered(ctx, span) });
}

/** GET /sobjects/Account/deleted?start=&end= */
export async function getDeleted(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const sobject = objectOf(ctx, params.sobject);
  const span = spanOf(ctx, request);
  const rows = sobject.field('IsDeleted') ? await changed(ctx, sobject, { ...span, deleted: true }) : [];
  const earliest = new Date(ctx.org.clock.now().getTime() - thirtyDays);
  return ok({
    deletedRecords: rows.map(({ id, at }) => ({ deletedDate: at, id })),
    earliestDateAvailable: restDateTime(wholeSeconds(rows[0] ? new Date(rows[0].at) : earliest)),
    latestDateCovered: latestCovered(ctx, span),
  });
}

async function changed(
  ctx: Context,
  sobject: SObject,
  { start, end, deleted }: Span & { deleted: boolean },
): Promise<{ id: string; at: string }[]> {
  const stamp = sobject.field('SystemModstamp') ?? sobject.field('CreatedDate');
  if (!stamp) throw new ApiError(400, 'INVALID_TYPE', `The entity ${sobject.name} is not replicable`);
  const state = sobject.field('IsDeleted') ? `and "IsDeleted" = ${String(deleted)}` : '';
  const { rows } = await ctx.db.query(
    `select "Id" as id, to_char(${quote(stamp.name)}, 'YYYY-MM-DD"T"HH24:MI:SS".000+0000"') as at from ${quote(sobject.name)}
      where ${quote(stamp.name)} >= $1::timestamptz and ${quote(stamp.name)} < $2::timestamptz ${state}
      order by ${quote(stamp.name)}, "Id" limit 600001`,
    [start.toISOString(), end.toISOString()],
  );
  if (rows.length > 600_000)
    throw new ApiError(400, 'EXCEEDED_ID_LIMIT', 'A maximum of 600000 records can be returned');
  return rows as { id: string; at: string }[];
}

/** @throws ApiError when a date can't be read, is too old, or the end isn't after the start. */
function spanOf(ctx: Context, request: RestRequest): Span {
  const [start, end] = ['start', 'end'].map((name) => momentIn(request, name)) as [Date, Date];
  const now = ctx.org.clock.now().getTime();
  if (start.getTime() < now - thirtyDays)
    throw new ApiError(
      400,
      'INVALID_REPLICATION_DATE',
      'startDate before org replication enabled date or more than 30 days ago',
    );
  if (start.getTime() > now)
    throw new ApiError(400, 'INVALID_REPLICATION_DATE', 'startDate cannot be in the future');
  if (end.getTime() - start.getTime() < 60_000)
    throw new ApiError(
      400,
      'INVALID_REPLICATION_DATE',
      'endDate must be at least one minute greater than startDate',
    );
  return { start, end };
}

/** A `+` in a query that wasn't encoded arrives as a space. */
function momentIn(request: RestRequest, name: string): Date {
  const text = request.query.get(name);
  if (text === null) throw new ApiError(400, 'MISSING_ARGUMENT', `The ${name} parameter is required`);
  const moment = new Date(text.replace(' ', '+').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new ApiError(400, 'INVALID_FIELD', `${text} is not a valid value for the type xsd:dateTime`);
}

const latestCovered = (ctx: Context, { end }: Span): string =>
  restDateTime(wholeSeconds(new Date(Math.min(end.getTime(), ctx.org.clock.now().getTime()))));
