import type { Request, Response } from 'express';
import { z } from 'zod';

import type { StaffViewer } from '../../access/viewer.ts';
import { removeAccount } from '../../accounts/removals.ts';
import { type ViewList, viewLists } from '../../accounts/saved-views.ts';
import { follow } from '../../alerts/follows.ts';
import { flash } from '../../platform/http/flash.ts';
import { PAGE_SIZE } from '../../portfolio/accounts.ts';
import { clearRisk, LONGEST_REASON, riskLevels, setRisk } from '../../segments/risk.ts';
import { LONGEST_TAG, tagAccounts, untagAccounts } from '../../segments/tags.ts';
import { type Route, route, staff, staffViewerOf } from '../guards.ts';

/** What is done to several accounts of a list at once; each verb asks by itself whether the viewer may. */
export const accountActRoutes: Route[] = [route('post', '/console/account-acts', staff(), act)];

const id = z.string().regex(/^[a-z0-9]{18}$/i);

const Act = z.object({
  accounts: z
    .union([id.transform((one) => [one]), z.array(id)])
    .catch([])
    .transform((ids) => [...new Set(ids)].slice(0, PAGE_SIZE)),
  act: z.enum(['tag', 'untag', 'risk', 'unrisk', 'follow', 'remove']).catch('follow'),
  tag: z.string().trim().max(LONGEST_TAG).catch(''),
  level: z.enum(riskLevels).catch('red'),
  reason: z.string().trim().max(LONGEST_REASON).catch(''),
  list: z.enum(viewLists).catch('accounts'),
  query: z.string().max(2000).catch(''),
});
type Act = z.infer<typeof Act>;

const paths: Record<ViewList, string> = { accounts: '/console/accounts', health: '/console/health' };

async function act(req: Request, res: Response): Promise<void> {
  const asked = Act.parse(req.body ?? {});
  const problem = problemOf(asked);
  if (problem === undefined) {
    const count = await doneTo(staffViewerOf(req), asked);
    flash(res, `bulk.done.${asked.act}`, { values: { count, tag: asked.tag } });
  } else flash(res, problem, { kind: 'danger' });
  const back = new URLSearchParams(asked.query).toString();
  res.redirect(303, back === '' ? paths[asked.list] : `${paths[asked.list]}?${back}`);
}

function problemOf({ accounts, act: what, tag, reason }: Act): string | undefined {
  if (accounts.length === 0) return 'bulk.errors.nothing';
  if (what === 'risk' && reason === '') return 'bulk.errors.reason';
  return (what === 'tag' || what === 'untag') && tag === '' ? 'bulk.errors.tag' : undefined;
}

/** @returns how many accounts it changed */
async function doneTo(viewer: StaffViewer, asked: Act): Promise<number> {
  const { accounts, act: what, tag } = asked;
  if (what === 'tag') return await tagAccounts(viewer, accounts, tag);
  if (what === 'untag') return await untagAccounts(viewer, accounts, tag);
  if (what === 'risk') await setRisk(viewer, accounts, asked);
  if (what === 'unrisk') await clearRisk(viewer, accounts);
  if (what === 'risk' || what === 'unrisk') return accounts.length;
  for (const account of accounts)
    await (what === 'follow' ? follow(viewer, 'account', account) : removeAccount(viewer, account, ''));
  return accounts.length;
}
