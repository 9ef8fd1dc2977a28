import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Every other readable field of Salesforce, under its name there. */
type Attributes = ColumnType<Record<string, unknown>, string | undefined, string>;

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

export interface LeadsTable {
  id: string;
  rapport_id: string | null;
  first_name: string | null;
  last_name: string | null;
  name: string;
  company: string | null;
  title: string | null;
  email: string | null;
  phone: string | null;
  country: string | null;
  status: string | null;
  source: string | null;
  rating: string | null;
  owner_id: string | null;
  is_converted: Generated<boolean>;
  converted_account_id: string | null;
  converted_contact_id: string | null;
  converted_opportunity_id: string | null;
  converted_on: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

/** A task of a sales rep's, in Salesforce. */
export interface SalesforceTasksTable {
  id: string;
  rapport_id: string | null;
  subject: string | null;
  status: string | null;
  priority: string | null;
  /** Task, Email, Call and the like. */
  kind: string | null;
  description: string | null;
  account_id: string | null;
  /** The record that it is about, and the contact or lead. */
  what_id: string | null;
  who_id: string | null;
  owner_id: string | null;
  created_by_id: string | null;
  due_on: string | null;
  is_closed: Generated<boolean>;
  completed_at: Date | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

/** An entry of a calendar in Salesforce. */
export interface SalesforceEventsTable {
  id: string;
  subject: string | null;
  description: string | null;
  account_id: string | null;
  what_id: string | null;
  who_id: string | null;
  owner_id: string | null;
  created_by_id: string | null;
  starts_at: Date | null;
  ends_at: Date | null;
  is_all_day: Generated<boolean>;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

/** A campaign that somebody runs in Salesforce; Rapport's own are another thing. */
export interface SalesforceCampaignsTable {
  id: string;
  name: string;
  parent_id: string | null;
  type: string | null;
  status: string | null;
  starts_on: string | null;
  ends_on: string | null;
  is_active: Generated<boolean>;
  owner_id: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface SalesforceCampaignMembersTable {
  id: string;
  campaign_id: string;
  lead_id: string | null;
  contact_id: string | null;
  status: string | null;
  has_responded: Generated<boolean>;
  responded_on: string | null;
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
    leads: LeadsTable;
    salesforce_tasks: SalesforceTasksTable;
    salesforce_events: SalesforceEventsTable;
    salesforce_campaigns: SalesforceCampaignsTable;
    salesforce_campaign_members: SalesforceCampaignMembersTable;
    record_types: RecordTypesTable;
  }
}
