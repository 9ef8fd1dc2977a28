import type { ColumnType, Generated } from 'kysely';

export interface SyncStatesTable {
  sobject: string;
  /** The table of the mirror. */
  table_name: string;
  /** Its place in the order of loading. */
  position: number;
  phase: Generated<'waiting' | 'loading' | 'live'>;
  is_paused: Generated<boolean>;
  mark_at: Date | null;
  seen_at: Date | null;
  rows_loaded: Generated<number>;
  rows_expected: number | null;
  load_started_at: Date | null;
  bulk_job: string | null;
  bulk_locator: string | null;
  fields: Generated<string[]>;
  hidden_fields: Generated<string[]>;
  synced_at: Date | null;
  error: string | null;
  failed_at: Date | null;
}

export interface MirrorChangesTable {
  batch: number;
  table_name: string;
  row_id: string;
  change: 'created' | 'updated' | 'deleted';
  recorded_at: Generated<Date>;
}

export type OutboxStatus = 'waiting' | 'sending' | 'failed' | 'delivered' | 'discarded';

export interface OutboxTable {
  id: Generated<number>;
  sobject: string;
  operation: 'upsert' | 'create' | 'update';
  rapport_id: string | null;
  salesforce_id: string | null;
  fields: ColumnType<Record<string, unknown>, string, string>;
  parent: ColumnType<OutboxParent | null, string | null, string | null>;
  record_key: string;
  serial_key: string;
  unmodified_since: Date | null;
  feature: string;
  status: Generated<OutboxStatus>;
  is_ambiguous: Generated<boolean>;
  /** Salesforce's own values count again: the mirror has to fetch them. */
  needs_reread: Generated<boolean>;
  attempts: Generated<number>;
  next_attempt_at: Generated<Date>;
  error_code: string | null;
  error: string | null;
  created_at: Generated<Date>;
  sent_at: Date | null;
  delivered_at: Date | null;
}

/** The record that a written one belongs to, and the field that points there. */
export interface OutboxParent {
  field: string;
  sobject: string;
  rapportId?: string | undefined;
  salesforceId?: string | undefined;
}

export interface SalesforceSessionsTable {
  client: string;
  sealed_token: string;
  instance_url: string;
  user_id: string;
  obtained_at: Date;
}

declare module '../db.ts' {
  interface Tables {
    sync_states: SyncStatesTable;
    mirror_changes: MirrorChangesTable;
    outbox: OutboxTable;
    salesforce_sessions: SalesforceSessionsTable;
  }
}
