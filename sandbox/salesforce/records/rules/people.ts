import { wholeSeconds } from '../../../clock.ts';
import type { SaveHook } from '../hooks.ts';

/** A user that nobody gave a nickname is called what stands before the @ of the username. */
export const userRules: SaveHook = {
  beforeSave(_ctx, drafts) {
    for (const { row, before } of drafts)
      if (!before && typeof row.Username === 'string')
        row.CommunityNickname ??= row.Username.split('@')[0]?.slice(0, 40) ?? null;
  },
};

/** A mail without a date was sent now. */
export const emailMessageRules: SaveHook = {
  beforeSave(ctx, drafts) {
    const now = wholeSeconds(ctx.org.clock.now()).toISOString();
    for (const { row, before } of drafts) if (!before) row.MessageDate ??= now;
  },
};
