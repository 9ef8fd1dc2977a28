import type { Connection } from 'jsforce';

import { changeEventOf } from '../../../sandbox/salesforce/events/entities.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';

/** What a subscriber to changes gets. */
export interface ChangeMessage {
  schema: string;
  payload: { ChangeEventHeader: ChangeHeader } & Record<string, unknown>;
  event: { replayId: number };
}

interface ChangeHeader {
  entityName: string;
  changeType: string;
  changedFields: string[];
  changeOrigin: string;
  commitUser: string;
  sequenceNumber: number;
  transactionKey: string;
  recordIds: string[];
}

/** The sandbox's control plane: `tell('/events/gap', {…})`. */
export function controlOf({ url }: RunningSandbox) {
  return async (path: string, body: object = {}): Promise<unknown> => {
    const answer = await fetch(`${url}/__sandbox__${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/** Selects objects for Change Data Capture, as an administrator does. */
export async function select(conn: Connection, ...sobjects: string[]): Promise<void> {
  for (const sobject of sobjects)
    await selectOn(conn, 'ChangeEvents', { selectedEntity: changeEventOf(sobject) });
}

export async function selectOn(
  conn: Connection,
  eventChannel: string,
  member: { selectedEntity: string; enrichedFields?: { name: string }[] },
): Promise<void> {
  const fullName = `${eventChannel.replace('__chn', '')}_${member.selectedEntity}`;
  const type = 'PlatformEventChannelMember';
  const saved = await conn.metadata.upsert(type, { fullName, eventChannel, ...member } as never);
  const [result] = [saved].flat();
  if (!result?.success) throw new Error(JSON.stringify(result));
}

export async function unselect(conn: Connection, ...sobjects: string[]): Promise<void> {
  for (const sobject of sobjects)
    await conn.metadata.delete('PlatformEventChannelMember', `ChangeEvents_${changeEventOf(sobject)}`);
}
