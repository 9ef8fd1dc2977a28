import type { Generated } from 'kysely';

/** An insight's record as Salesforce holds it. */
export interface InsightRecordsTable {
  id: string;
  rapport_id: string | null;
  account_id: string | null;
  handled: string | null;
  feedback: string | null;
  attributes: Generated<Record<string, unknown>>;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

declare module '../platform/db.ts' {
  interface Tables {
    insight_records: InsightRecordsTable;
  }
}
