import type { ColumnType, Generated } from 'kysely';

import type { Area, AreaFindings } from './checks.ts';

export interface SetupChecksTable {
  id: Generated<number>;
  asked_by: string | null;
  started_at: Date;
  seen_at: Date;
  finished_at: Date | null;
  area: Area;
  findings: ColumnType<AreaFindings[], string, string>;
}

declare module '../../db.ts' {
  interface Tables {
    setup_checks: SetupChecksTable;
  }
}
