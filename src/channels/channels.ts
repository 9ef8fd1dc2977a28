import type { Channel, ChannelName } from './channel.ts';
import { email } from './email.ts';

const channels: Partial<Record<ChannelName, Channel>> = { email };

/** The channels that messages can go out by. */
export const channelsAtHand = (): ChannelName[] => Object.keys(channels) as ChannelName[];

/** @throws Error for a channel that is not there: nothing is claimed for one */
export function channelOf(name: ChannelName): Channel {
  const channel = channels[name];
  if (channel === undefined) throw new Error(`there is no channel ${name}`);
  return channel;
}
