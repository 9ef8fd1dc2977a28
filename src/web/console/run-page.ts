import type { Request } from 'express';
import { z } from 'zod';

import { mayEditCampaigns } from '../../campaigns/definition/editors.ts';
import type { ShownRun } from '../../campaigns/runs/runs.ts';
import { now } from '../../platform/clock.ts';
import { NotFound } from '../../platform/errors.ts';
import { staffViewerOf } from '../guards.ts';

import { isUnderWay, progressOf } from './run-progress.ts';

/** @throws NotFound when a path's parameter cannot be a run's number */
export function runIdOf(parameter: unknown): number {
  const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).safeParse(parameter);
  if (!id.success) throw new NotFound();
  return id.data;
}

/** What each page of a run shows in its head. */
export function headOf(req: Request, run: ShownRun) {
  const { campaign } = run;
  return {
    run: {
      ...run, campaignName: campaign.name, channel: campaign.channel, messageClass: campaign.messageClass,
      progress: progressOf(run), isOpen: isUnderWay(run), startedBy: startedBy(run),
    },
    isLive: isUnderWay(run) || isHeardOf(run),
    mayAct: mayEditCampaigns(staffViewerOf(req)),
  }; // prettier-ignore
}

/** What people do with a message comes for a while after the run is over. */
const HEARD_MILLISECONDS = 15 * 60_000;

const isHeardOf = ({ endedAt, isDry }: ShownRun): boolean =>
  endedAt !== null && !isDry && now().getTime() - endedAt.getTime() < HEARD_MILLISECONDS;

function startedBy({ triggeredByName, fixed }: ShownRun): {
  kind: 'person' | 'schedule' | 'trigger' | 'api';
  name: string | null;
} {
  if (triggeredByName !== null) return { kind: 'person', name: triggeredByName };
  const { kind } = fixed.trigger;
  if (kind === 'api') return { kind, name: null };
  return {
    kind: kind === 'once' || kind === 'recurring' ? 'schedule' : kind === 'manual' ? 'person' : 'trigger',
    name: null,
  };
}
