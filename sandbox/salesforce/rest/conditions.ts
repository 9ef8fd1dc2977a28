import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';

/** When a record was changed, and the tag of that state; only accounts have one. */
export interface State {
  changed: Date;
  etag: string | undefined;
}

/**
 * Whether the client has a record as it is (304). @throws ApiError 412 when it wants it only as it was.
 */
export function isSame(ctx: Context, { changed, etag }: State): boolean {
  const header = (name: string) => [ctx.headers[name]].flat()[0] ?? '';
  const wanted = tagsIn(header('if-match'));
  if (etag !== undefined && wanted.length > 0 && !fits(wanted, etag)) throw preconditionFailed();
  const unmodified = Date.parse(header('if-unmodified-since'));
  if (changed.getTime() > unmodified) throw preconditionFailed();
  const known = tagsIn(header('if-none-match'));
  if (etag !== undefined && known.length > 0) return fits(known, etag);
  return changed.getTime() <= Date.parse(header('if-modified-since'));
}

const preconditionFailed = () =>
  new ApiError(412, 'PRECONDITION_FAILED', 'The record is not in the state that the request asks for', []);

const tagsIn = (header: string): string[] =>
  header.split(',').map((tag) => plain(tag)).filter(Boolean); // prettier-ignore

/** Weak tags and those of compressed answers stand for the same state. */
const plain = (tag: string): string =>
  tag.trim().replace(/^W\//, '').replace(/--gzip/, '').replace(/\+0000"?$/, '').replace(/Z"?$/, '').replaceAll('"', ''); // prettier-ignore

const fits = (tags: string[], etag: string): boolean => tags.includes('*') || tags.includes(plain(etag));
