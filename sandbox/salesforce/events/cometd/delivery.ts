import type { Org } from '../../context.ts';
import { sobjectOfChangeEvent } from '../entities.ts';
import type { Values } from '../payload.ts';
import { messagesAfter, newestReplayId } from '../replay.ts';
import type { Kept } from '../replay.ts';
import type { Client, Subscription } from './clients.ts';

/** So many messages come with one answer. */
const AT_ONCE = 500;

/** What a client has not been told yet, oldest first; it counts as told. */
export async function take(org: Org, client: Client): Promise<object[]> {
  client.isDue = false;
  const subscriptions = [...client.subscriptions.values()];
  if (subscriptions.length === 0 || org.events.settings.isSilent) return [];
  const newest = await newestReplayId(org.pool);
  const kept = await messagesAfter(org, {
    topics: [...new Set(subscriptions.flatMap(({ source }) => source.topics()))],
    after: Math.min(...subscriptions.map(({ cursor }) => cursor)),
    hours: Math.max(...subscriptions.map(({ source }) => source.hours)),
    limit: AT_ONCE,
  });
  const isWhole = kept.length < AT_ONCE;
  const told = Math.max(kept.at(-1)?.replayId ?? 0, isWhole ? newest : 0);
  const messages = kept.flatMap((one) => messagesFor(org, client, { one, subscriptions }));
  for (const subscription of subscriptions) subscription.cursor = Math.max(subscription.cursor, told);
  if (!isWhole) client.isDue = true;
  return messages;
}

function messagesFor(
  org: Org,
  client: Client,
  { one, subscriptions }: { one: Kept; subscriptions: Subscription[] },
): object[] {
  return subscriptions
    .filter(
      ({ source, cursor }) =>
        one.replayId > cursor &&
        source.topics().includes(one.topic) &&
        org.clock.now().getTime() - one.at.getTime() < source.hours * 3_600_000,
    )
    .map(({ name, source }) => ({ channel: name, data: dataFor(org, client, { one, channel: source.channel }) }));
} // prettier-ignore

function dataFor(org: Org, client: Client, { one, channel }: { one: Kept; channel: string }): object {
  const { message, enriched, topic } = one;
  if (typeof message.payload !== 'object') return message;
  const payload = { ...enriched?.[channel], ...message.payload };
  return { ...message, payload: visible(org, client, { topic, payload }) };
}

/** Without the fields that the user may not see. */
function visible(org: Org, { user }: Client, { topic, payload }: { topic: string; payload: Values }): Values {
  const sobject = user.isAdmin ? undefined : sobjectOfChangeEvent(org.catalog, topic);
  if (!sobject) return payload;
  const hidden = sobject.fields.filter((field) => !org.security.mayRead(user, sobject, field));
  return hidden.length === 0 ? payload : without(payload, new Set(hidden.map(({ name }) => name)));
}

function without(payload: Values, hidden: ReadonlySet<string>): Values {
  const shown = Object.entries(payload).filter(([name]) => !hidden.has(name));
  const header = payload.ChangeEventHeader as { changedFields?: string[] } | undefined;
  if (!header?.changedFields) return Object.fromEntries(shown);
  const changedFields = header.changedFields.filter((name) => !hidden.has(name));
  return { ...Object.fromEntries(shown), ChangeEventHeader: { ...header, changedFields } };
}
