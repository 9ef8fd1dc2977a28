/** What the control plane changes at once and for good, each by a name, for the page /faults. */
import { expireSessions } from '../salesforce/auth/sessions.ts';
import { isRotating, keepState } from '../salesforce/auth/state.ts';
import { usualSettings } from '../salesforce/events/events.ts';
import { setBulkTrouble } from './bulk-trouble.ts';
import { expireRetention, tellGap } from './events.ts';

import type { Clients } from '../salesforce/events/cometd/clients.ts';
import type { Org } from '../salesforce/context.ts';
import type { Faults } from './faults.ts';

/** What switches work on. */
export interface Switched {
  org: Org;
  clients: Clients;
  faults: Faults;
}

type Typed = Record<string, string | undefined>;

/** One act. It returns what it did, in a sentence; `field` is thrown for what can't be understood. */
export type Switch = (on: Switched, typed: Typed) => Promise<string> | string;

/** A value in a form that means nothing; the message is for the person who typed it. */
export class Unreadable extends Error {}

export const switches: Record<string, Switch> = {
  async sessions({ org }, { refresh }) {
    const ended = await expireSessions(org.pool);
    if (refresh !== undefined) await org.pool.query('delete from _refresh_token');
    const also = refresh === undefined ? '' : ', and all refresh tokens have been revoked';
    return `${String(ended)} sessions have ended${also}.`;
  },
  async rotation({ org }) {
    const isOn = !(await isRotating(org.pool));
    await keepState(org.pool, 'rotate', isOn);
    return isOn ? 'Each refresh now gives a new refresh token.' : 'Refresh tokens now stay as they are.';
  },
  limit({ org }, { left }) {
    const rest = wholeNumber(left, 'Give the number of requests that are left today.') ?? org.limits.dailyMax;
    org.limits.dailyUsed = Math.max(0, org.limits.dailyMax - rest);
    return `${String(org.limits.dailyMax - org.limits.dailyUsed)} requests are left today.`;
  },
  clock({ org }, { minutes = '' }) {
    const offset = Number(minutes.trim() === '' ? 0 : minutes);
    if (!Number.isFinite(offset)) throw new Unreadable('Give a number of minutes, negative for the past.');
    org.clock.setOffset(offset * 60_000);
    return `The org's clock is at ${org.clock.now().toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
  },
  bulk({ faults }, { speed, failAt }) {
    const problem = 'Give whole numbers of rows.';
    const rows = { speed: wholeNumber(speed, problem), failAt: wholeNumber(failAt, problem) };
    if (rows.speed === 0) throw new Unreadable('No row a second is no speed.');
    const [fault] = setBulkTrouble(faults, rows);
    return fault ? 'Bulk jobs go as you said.' : 'Bulk jobs go at their own pace to their end.';
  },
  locators({ org }) {
    org.locators.expire();
    return 'All query locators are forgotten.';
  },
  async gap({ org }, { object = '' }) {
    await tellGap(org, known(org, object), { changeType: 'GAP_UPDATE', recordIds: [] });
    return `Subscribers were told of a gap in the changes of ${object}.`;
  },
  async overflow({ org }, { object = '' }) {
    await tellGap(org, known(org, object), { changeType: 'GAP_OVERFLOW', recordIds: [] });
    return `Subscribers were told that too much changed in ${object} at a time.`;
  },
  async retention({ org }) {
    await expireRetention(org);
    return 'All messages are forgotten: no replay id is valid any more.';
  },
  disconnect({ clients }, { drop }) {
    const count = clients.forgetAll({ drop: drop !== undefined });
    return `${String(count)} streaming clients were disconnected.`;
  },
  room({ org }) {
    const { settings } = org.events;
    settings.concurrentClients = settings.concurrentClients === 0 ? usualSettings.concurrentClients : 0;
    return settings.concurrentClients === 0 ? 'No streaming client is let in.' : 'Streaming clients are let in again.';
  },
  silence({ org }) {
    org.events.settings.isSilent = !org.events.settings.isSilent;
    return org.events.settings.isSilent ? 'Streaming looks alive and says nothing.' : 'Streaming speaks again.';
  },
}; // prettier-ignore

function wholeNumber(text: string | undefined, problem: string): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (!/^\d{1,12}$/.test(text.trim())) throw new Unreadable(problem);
  return Number(text);
}

function known(org: Org, object: string): string {
  const sobject = org.catalog.find(object.trim());
  if (!sobject) throw new Unreadable(`There is no object ${object}.`);
  return sobject.name;
}
