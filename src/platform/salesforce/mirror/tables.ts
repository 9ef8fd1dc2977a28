import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

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
  /** Every readable field with its type, as described last. */
  field_types: ColumnType<Record<string, string>, string | undefined, string>;
  /** Fields still to be read for rows that are here already. */
  backfill: Generated<string[]>;
  unfit_fields: Generated<string[]>;
  load_begun_at: Date | null;
  changed_at: Date | null;
  refreshed_at: Date | null;
  /** An administrator added it. */
  is_chosen: Generated<boolean>;
}

/** Rows of every object that has no table of its own. */
export interface SalesforceRecordsTable {
  id: string;
  sobject: string;
  name: Generated<string>;
  attributes: ColumnType<Record<string, unknown>, string | undefined, string>;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface MirrorChangesTable {
  batch: number;
  table_name: string;
  row_id: string;
  change: 'created' | 'updated' | 'deleted';
  recorded_at: Generated<Date>;
}

export type OutboxStatus = 'waiting' | 'sending' | 'failed' | 'conflict' | 'delivered' | 'discarded';

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
  /** What the actor saw of the fields that others may change too. */
  base: ColumnType<Record<string, unknown> | null, string | null, string | null>;
  /** What was really sent after it was weighed; null where everything was. */
  written: ColumnType<Record<string, unknown> | null, string | null, string | null>;
  person_id: string | null;
  person_name: string | null;
  allow_save: Generated<boolean>;
  /** The mirror has met what was written: from then on it is somebody else's doing. */
  echoed_at: Date | null;
  edited_by: string | null;
  edited_at: Date | null;
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

/** What a person has to decide about one write. */
export interface ConflictsTable {
  id: Generated<number>;
  outbox_id: number;
  kind: 'fields' | 'duplicate' | 'identity';
  sobject: string;
  record_key: string;
  rapport_id: string | null;
  salesforce_id: string | null;
  label: string | null;
  status: Generated<'open' | 'decided' | 'settled' | 'overtaken'>;
  /** Tells somebody who decides late that it has moved on. */
  version: Generated<number>;
  found: ColumnType<Record<string, unknown>, string | undefined, string>;
  our_name: string | null;
  our_at: Date;
  opened_at: Generated<Date>;
  decided_by: string | null;
  decided_at: Date | null;
  settled_at: Date | null;
}

export interface SalesforceSessionsTable {
  client: string;
  sealed_token: string;
  instance_url: string;
  user_id: string;
  org_id: string | null;
  obtained_at: Date;
}

export interface MappingChangesTable {
  id: GeneratedAlways<number>;
  sobject: string;
  before: ColumnType<unknown, string, never>;
  after: ColumnType<unknown, string, never>;
  changed_by: string | null;
  changed_at: Date;
  undoes: number | null;
}

export type FieldOwner = 'salesforce' | 'rapport' | 'shared';

export type Notice = 'readable' | 'gone' | 'retyped' | 'unfit';

export interface DriftRunsTable {
  id: GeneratedAlways<number>;
  sobject: string;
  kind: 'sampled' | 'full';
  asked_by: string | null;
  state: Generated<'waiting' | 'running' | 'done' | 'failed'>;
  expected: number | null;
  compared: Generated<number>;
  differing: Generated<number>;
  mended: Generated<number>;
  last_id: string | null;
  error: string | null;
  asked_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

export type DriftCause = 'formula' | 'silent' | 'missed' | 'hard_delete' | 'revived' | 'local' | 'unknown';

export interface DriftFindingsTable {
  id: GeneratedAlways<number>;
  run_id: number;
  sobject: string;
  record_id: string;
  field: string | null;
  ours: string | null;
  theirs: string | null;
  cause: DriftCause;
  is_mended: Generated<boolean>;
  found_at: Date;
}

declare module '../../db.ts' {
  interface Tables {
    sync_states: SyncStatesTable;
    salesforce_records: SalesforceRecordsTable;
    chosen_objects: { sobject: string; chosen_at: Date };
    left_out_fields: { sobject: string; field: string };
    mapped_fields: { sobject: string; column_name: string; field: string };
    field_owners: { sobject: string; field: string; owner: FieldOwner };
    mapping_changes: MappingChangesTable;
    field_notices: {
      id: GeneratedAlways<number>;
      sobject: string;
      field: string;
      notice: Notice;
      detail: Generated<string>;
      noticed_at: Date;
    };
    mirror_moves: {
      batch: number;
      table_name: string;
      from_id: string;
      to_id: string;
      recorded_at: Generated<Date>;
      children_read_at: Date | null;
    };
    salesforce_orgs: {
      org_id: string;
      instance_url: string;
      seen_at: Date;
      confirmed_at: Date | null;
      confirmed_by: string | null;
      is_current: Generated<boolean>;
    };
    drift_runs: DriftRunsTable;
    drift_findings: DriftFindingsTable;
    drift_days: { sobject: string; day: string; compared: number; differing: number; mended: number };
    drift_met: { run_id: number; id: string };
    drift_suspects: { run_id: number; id: string };
    mirror_changes: MirrorChangesTable;
    outbox: OutboxTable;
    conflicts: ConflictsTable;
    salesforce_sessions: SalesforceSessionsTable;
  }
}
