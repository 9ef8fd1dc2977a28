import { maybeUser, setPassword } from '../auth/users.ts';
import type { Context } from '../context.ts';
import { ApiError, notFound } from '../errors.ts';
import { noContent, objectBody, ok } from './dispatch.ts';
import type { Params, RestAnswer, RestRequest } from './dispatch.ts';
import { isId, toLongId } from '../records/ids.ts';

/** GET /sobjects/User/005…/password: whether it has to be changed. */
export async function getPassword(ctx: Context, _request: RestRequest, params: Params): Promise<RestAnswer> {
  await userOf(ctx, params.id);
  return ok({ isExpired: false });
}

/** POST /sobjects/User/005…/password: an administrator sets it. */
export async function postPassword(ctx: Context, request: RestRequest, params: Params): Promise<RestAnswer> {
  const userId = await userOf(ctx, params.id);
  const { NewPassword: password } = objectBody(request);
  if (typeof password !== 'string' || password === '')
    throw new ApiError(400, 'INVALID_NEW_PASSWORD', 'Your password cannot be empty');
  await setPassword(ctx.db, userId, password);
  return noContent;
}

async function userOf({ user, db }: Context, id = ''): Promise<string> {
  const userId = isId(id) ? toLongId(id) : id;
  if (!(await maybeUser(db, userId))) throw notFound();
  if (user.isAdmin || user.id === userId) return userId;
  throw new ApiError(
    403,
    'INSUFFICIENT_ACCESS_OR_READONLY',
    'insufficient access rights on cross-reference id',
  );
}
