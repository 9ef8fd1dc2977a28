import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Every other readable field of Salesforce, under its name there. */
export type Attributes = ColumnType<Record<string, unknown>, string | undefined, string>;

export interface UsersTable {
  /** Salesforce's id, 18 characters; so are all ids of the mirror but those of cases and their comments. */
  id: string;
  name: string;
  email: string | null;
  username: string | null;
  title: string | null;
  phone: string | null;
  is_active: Generated<boolean>;
  time_zone: string | null;
  locale: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface PermissionSetAssignmentsTable {
  id: string;
  user_id: string;
  /** API name of the permission set, e.g. Rapport_Support. */
  permission_set: string;
  attributes: Attributes;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface AccountsTable {
  id: string;
  rapport_id: string | null;
  name: string;
  parent_id: string | null;
  type: string | null;
  industry: string | null;
  employees: number | null;
  annual_revenue_minor: number | null;
  phone: string | null;
  website: string | null;
  billing_street: string | null;
  billing_city: string | null;
  billing_state: string | null;
  billing_postal_code: string | null;
  billing_country: string | null;
  owner_id: string | null;
  distributor_id: string | null;
  partner_id: string | null;
  /** A user's id, or whatever the field holds that an administrator chose. */
  success_manager_id: string | null;
  /** A calendar date, YYYY-MM-DD. */
  last_activity_on: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface ContactsTable {
  id: string;
  rapport_id: string | null;
  account_id: string | null;
  first_name: string | null;
  last_name: string | null;
  name: string;
  email: string | null;
  /** Lower case and trimmed: what people are matched by. */
  email_normalized: GeneratedAlways<string | null>;
  phone: string | null;
  title: string | null;
  department: string | null;
  locale: string | null;
  is_beta: Generated<boolean>;
  owner_id: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface AccountContactRelationsTable {
  id: string;
  account_id: string;
  contact_id: string;
  /** True for the account that the contact itself names. */
  is_direct: Generated<boolean>;
  is_active: Generated<boolean>;
  roles: Generated<string[]>;
  attributes: Attributes;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface OpportunitiesTable {
  id: string;
  rapport_id: string | null;
  account_id: string | null;
  name: string;
  type: string | null;
  stage: string;
  is_closed: Generated<boolean>;
  is_won: Generated<boolean>;
  amount_minor: number | null;
  /** A calendar date, YYYY-MM-DD. */
  close_on: string | null;
  owner_id: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface OpportunityLinesTable {
  id: string;
  opportunity_id: string;
  product_id: string | null;
  name: string | null;
  quantity: number | null;
  unit_price_minor: number | null;
  total_minor: number | null;
  description: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface RecordTypesTable {
  id: string;
  sobject: string;
  name: string;
  developer_name: string | null;
  is_active: Generated<boolean>;
  attributes: Attributes;
  modified_at: Date;
  deleted_at: Date | null;
}

declare module '../platform/db.ts' {
  interface Tables {
    users: UsersTable;
    permission_set_assignments: PermissionSetAssignmentsTable;
    accounts: AccountsTable;
    contacts: ContactsTable;
    account_contact_relations: AccountContactRelationsTable;
    opportunities: OpportunitiesTable;
    opportunity_lines: OpportunityLinesTable;
    record_types: RecordTypesTable;
  }
}
