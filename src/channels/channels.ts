import { config } from '../platform/config.ts';

import { chat } from './chat.ts';
import type { Channel, ChannelName } from './channel.ts';
import { email } from './email.ts';
import { inApp } from './in-app.ts';
import { push } from './push.ts';

/* Without keys chat is played by the sandbox, which production does not have. */
const isChatSetUp = config.SUNSHINE_KEY_ID !== undefined || config.NODE_ENV !== 'production';

const channels: Partial<Record<ChannelName, Channel>> = {
  email,
  ...(isChatSetUp && { chat }),
  in_app: inApp,
  push,
};

/** The channels that messages can go out by. */
export const channelsAtHand = (): ChannelName[] => Object.keys(channels) as ChannelName[];

/** Recipients of a batch of that channel, at most. */
export const batchSizeOf = (name: ChannelName): number => channels[name]?.batchSize ?? 1_000;

/** @throws Error for a channel that is not there: nothing is claimed for one */
export function channelOf(name: ChannelName): Channel {
  const channel = channels[name];
  if (channel === undefined) throw new Error(`there is no channel ${name}`);
  return channel;
}
