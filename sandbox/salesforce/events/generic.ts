import { transaction } from '../../database.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { objectBody, objectsIn, ok } from '../rest/dispatch.ts';
import type { Params, RestAnswer, RestRequest } from '../rest/dispatch.ts';
import { keepMessages } from './publish.ts';

/** POST /sobjects/StreamingChannel/0M6…/push: what anybody has to say to the subscribers of a generic channel. */
export async function pushToChannel(
  ctx: Context,
  request: RestRequest,
  { id }: Params,
): Promise<RestAnswer> {
  const { org } = ctx;
  const { rows } = await ctx.db.query(
    'select "Name" as name from "StreamingChannel" where "Id" = $1 and not "IsDeleted"',
    [id],
  );
  const [channel] = rows as { name: string }[];
  if (!channel) throw notFound();
  const topic = channel.name;
  const at = org.clock.now();
  const answers: object[] = [];
  for (const { payload, userIds } of objectsIn(objectBody(request), 'pushEvents')) {
    await org.events.publish(async () => {
      const event = { createdDate: at.toISOString() };
      const message = { topic, message: { payload, event }, recordIds: [] };
      await transaction(org.pool, (tx) => keepMessages(tx, [message], { at, enriched: [] }));
    });
    const fanoutCount = org.events.tell(new Set([topic]));
    const named = Array.isArray(userIds) ? userIds.map(String) : [];
    answers.push({ fanoutCount, userOnlineStatus: Object.fromEntries(named.map((user) => [user, fanoutCount > 0])) });
  }
  return ok(answers);
} // prettier-ignore
