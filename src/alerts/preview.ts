import type { StaffViewer } from '../access/viewer.ts';
import { DAY, now } from '../platform/clock.ts';
import { db } from '../platform/db.ts';

import { conditionOn, meeting } from './conditions.ts';
import type { Kind } from './kinds.ts';
import * as queries from './preview.queries.ts';
import { type AlertRule, checked, type RuleForm } from './rules.ts';
import { type Source, sources } from './sources.ts';

/** What a rule would have told had it been there for the last 30 days; of a watched condition, who meets it now. */
export interface Preview {
  signals: number;
  accounts: number;
  days: number;
  /** Of those, the ones that the viewer would have been told of. */
  yours: number;
  /** Some of the accounts, the newest first. */
  sample: { id: string; name: string }[];
}

export const PREVIEW_DAYS = 30;

/** @throws Invalid for what no rule could be made of, Forbidden as when it is saved */
export async function previewRule(viewer: StaffViewer, form: RuleForm): Promise<Preview> {
  const rule = await checked(viewer, form);
  if (rule.trigger === 'condition.met') {
    const entity = rule.filter.entity ?? 'account';
    return await queries.countMeeting(db, {
      met: await meeting(rule.condition, entity),
      entity,
      viewer,
      scope: rule.scope,
    });
  }
  const compiled = await conditionOn(rule.condition);
  return await queries.countFitting(db, past(rule.trigger), {
    rule: { ...rule, id: '' },
    viewer,
    ...compiled,
  });
}

function past(kind: Kind): Source {
  const at = now();
  const since = new Date(at.getTime() - PREVIEW_DAYS * DAY);
  const [group] = kind.split('.');
  const of: Record<string, () => Source> = {
    health: () => sources.health({ since }),
    customer: () => sources.health({ since }),
    case: () => sources.cases({ since }, at),
    opportunity: () => sources.opportunities({ since }, at),
    segment: () => sources.segments({ since }),
    risk: () => sources.risk({ since }),
  };
  return of[group ?? '']?.() ?? queries.noted(kind, since, sources.daily(at));
}

/** What a rule did, a line a batch, the newest first. */
export interface Firing {
  batch: number;
  at: Date;
  signals: number;
  people: number;
  acknowledged: number;
  /** The viewer's own alert of it. */
  alertId: number | null;
  accounts: string[];
  posted: 'waiting' | 'delivered' | 'dead' | null;
}

export const firingsOf = (viewer: StaffViewer, rule: Pick<AlertRule, 'id'>): Promise<Firing[]> =>
  queries.selectFirings(rule.id, viewer.personId);
