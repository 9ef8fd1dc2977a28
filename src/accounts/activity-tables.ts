import type { Generated } from 'kysely';

import type { Attributes } from './tables.ts';

/* What people in Salesforce do with accounts and those who are none yet: leads, activities and campaigns. */

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

declare module '../platform/db.ts' {
  interface Tables {
    leads: LeadsTable;
    salesforce_tasks: SalesforceTasksTable;
    salesforce_events: SalesforceEventsTable;
    salesforce_campaigns: SalesforceCampaignsTable;
    salesforce_campaign_members: SalesforceCampaignMembersTable;
  }
}
