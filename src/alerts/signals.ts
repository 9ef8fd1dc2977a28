import './events.ts';

import { now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { type Events, record } from '../platform/events.ts';

import type { Kind } from './kinds.ts';
import * as queries from './signals.queries.ts';
import { sources, type Source } from './sources.ts';

/** What happened to an account or one of its people. */
export interface Signal {
  id: number;
  kind: Kind;
  accountId: string;
  accountName: string;
  /** Whom of the account it is about. */
  personName: string | null;
  data: Record<string, unknown>;
  occurredAt: Date;
}

/** A reaction: new customers, new ranks and lost points become signals. */
export async function noteHealth({ batch }: Pick<Events['health.changed'], 'batch'>): Promise<void> {
  await note(sources.health({ batch }));
}

/** A reaction: what the sync brought of cases and opportunities. */
export async function noteMirrored({ table, batch }: Events['mirror.changed']): Promise<void> {
  if (table === 'cases') await note(sources.cases({ batch }, now()));
  if (table === 'opportunities') await note(sources.opportunities({ batch }, now()));
}

/** A reaction: a customer opened a case, and Salesforce does not know it yet. */
export async function noteCase({ caseId }: { caseId: string }): Promise<void> {
  await note(sources.cases({ caseId }, now()));
}

/** A reaction: who entered and left smart lists. */
export async function noteSegments({ batch }: { batch: number }): Promise<void> {
  await note(sources.segments({ batch }));
}

/** A reaction: levels of risk that people and rules set. */
export async function noteRisk({ batch }: { batch: number }): Promise<void> {
  await note(sources.risk({ batch }));
}

/** What no event tells, since it is time that passed: use that ended, renewals that came near. */
export async function noteDaily(): Promise<void> {
  await note(sources.daily(now()));
}

async function note(source: Source): Promise<void> {
  await transaction((tx) => noteWithin(tx, source));
}

/** Keeps what a source gives as signals and records one event for them all; what was told before by its cause is passed over. */
export async function noteWithin(tx: Tx, source: Source): Promise<void> {
  const { batch, signals } = await queries.insertSignals(tx, source, now());
  if (signals > 0) await record(tx, 'signals.noted', { batch });
}
