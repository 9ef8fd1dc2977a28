import type { ColumnType, Generated } from 'kysely';

export interface ReportRequestsTable {
  id: Generated<string>;
  person_id: string | null;
  report: string | null;
  question: string;
  asked_at: Date;
  settled_by: string | null;
  settled_at: Date | null;
  answer: Generated<string>;
}

export interface PageDaysTable {
  person_id: string;
  day: string;
  surface: string;
  pages: number;
}

export interface BacktestsTable {
  id: string;
  sides: ColumnType<unknown, string, string>;
  choices: ColumnType<unknown, string, string>;
  today: string;
  state: Generated<'waiting' | 'running' | 'done' | 'failed'>;
  days_done: Generated<number>;
  days_all: number;
  result: ColumnType<unknown, string | undefined, string | null>;
  error: string | null;
  asked_by: string | null;
  asked_at: Date;
  finished_at: Date | null;
}

declare module '../platform/db.ts' {
  interface Tables {
    report_requests: ReportRequestsTable;
    page_days: PageDaysTable;
    backtests: BacktestsTable;
  }
}
