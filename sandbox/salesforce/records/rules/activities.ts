import { wholeSeconds } from '../../../clock.ts';
import type { Context } from '../../context.ts';
import type { Draft, Row, SaveHook } from '../hooks.ts';
import { rowsById } from '../system.ts';

/** An activity belongs to the account of what or whom it is about; a completed task says when. */
export const taskRules: SaveHook = {
  async beforeSave(ctx, drafts) {
    await fillAccount(ctx, drafts);
    const now = wholeSeconds(ctx.org.clock.now()).toISOString();
    for (const { row, before } of drafts) {
      if (row.Status === undefined || row.Status === before?.Status) continue;
      if (row.Status === 'Completed') row.CompletedDateTime = now;
      else if (before?.Status === 'Completed') row.CompletedDateTime = null;
    }
  },
};

/** The same for events, whose end follows from start and duration, or the other way round. */
export const eventRules: SaveHook = {
  async beforeSave(ctx, drafts) {
    await fillAccount(ctx, drafts);
    for (const { row } of drafts) {
      const start = row.StartDateTime ?? row.ActivityDateTime;
      if (typeof start !== 'string') continue;
      Object.assign(row, { StartDateTime: start, ActivityDateTime: start, ActivityDate: start.slice(0, 10) });
      if (typeof row.EndDateTime === 'string')
        row.DurationInMinutes = Math.round((Date.parse(row.EndDateTime) - Date.parse(start)) / 60_000);
      else if (typeof row.DurationInMinutes === 'number')
        row.EndDateTime = new Date(Date.parse(start) + row.DurationInMinutes * 60_000).toISOString();
    }
  },
};

/** Objects with an account, by key prefix. */
const withAccount: Record<string, string> = {
  '003': 'Contact',
  '006': 'Opportunity',
  '500': 'Case',
  '800': 'Contract',
  '02i': 'Asset',
};

async function fillAccount(ctx: Context, drafts: Draft[]): Promise<void> {
  const touched = drafts.filter(({ row }) => row.WhatId !== undefined || row.WhoId !== undefined);
  const ids = touched.flatMap(({ row, before }) => [
    row.WhatId ?? before?.WhatId,
    row.WhoId ?? before?.WhoId,
  ]);
  const accounts = new Map<string, string | null>();
  for (const [prefix, name] of Object.entries(withAccount)) {
    const own = ids.filter((id) => typeof id === 'string' && id.startsWith(prefix));
    const rows = await rowsById<{ AccountId: string | null }>(ctx, name, own, ['AccountId']);
    for (const [id, row] of rows) accounts.set(id, row.AccountId);
  }
  const accountOf = (id: Row[string]) =>
    typeof id === 'string' && id.startsWith('001') ? id : accounts.get(String(id));
  for (const { row, before } of touched) {
    const line = { ...before, ...row };
    row.AccountId = accountOf(line.WhatId ?? null) ?? accountOf(line.WhoId ?? null) ?? null;
  }
}
