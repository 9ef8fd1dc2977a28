import type { Generated } from 'kysely';

export interface BudgetFeaturesTable {
  feature: string;
  position: number;
  sheds_at: number;
  resumes_at: number;
  sheds_by_forecast: Generated<boolean>;
  hourly_ceiling: number | null;
  shed_since: Date | null;
  shed_reason: 'used' | 'forecast' | null;
}

export interface BudgetChangesTable {
  id: Generated<number>;
  feature: string;
  ceiling_before: number | null;
  ceiling_after: number | null;
  changed_by: string;
  changed_at: Date;
}

export interface ApiBudgetTable {
  is_only: Generated<boolean>;
  used: number | null;
  max: number | null;
  app_used: number | null;
  app_max: number | null;
  read_at: Date | null;
  limits_read_at: Date | null;
  exhausted_since: Date | null;
  probe_at: Date | null;
  probes: Generated<number>;
}

declare module '../../db.ts' {
  interface Tables {
    budget_features: BudgetFeaturesTable;
    budget_changes: BudgetChangesTable;
    api_budget: ApiBudgetTable;
    api_calls: { hour: Date; feature: string; calls: number };
    api_readings: { hour: Date; used: number; max: number; read_at: Date };
    org_limits: { name: string; max: number; remaining: number; read_at: Date };
  }
}
