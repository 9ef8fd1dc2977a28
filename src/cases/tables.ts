import type { ColumnType, Generated } from 'kysely';

/** Every other readable field of Salesforce, under its name there. */
type Attributes = ColumnType<Record<string, unknown>, string | undefined, string>;

export interface CasesTable {
  /** Ours, a uuid; Salesforce keeps it as Rapport_Id__c when the case was opened here. */
  id: Generated<string>;
  /** Null until Salesforce has the case. */
  salesforce_id: string | null;
  /** Salesforce's case number; null until Salesforce has the case. */
  number: string | null;
  account_id: string | null;
  contact_id: string | null;
  owner_id: string | null;
  subject: string;
  description: Generated<string>;
  status: string;
  priority: string | null;
  type: string | null;
  origin: string | null;
  product_id: string | null;
  locale: string | null;
  is_closed: Generated<boolean>;
  attributes: Attributes;
  /** The person who opened it in the portal. */
  opened_by: string | null;
  /** Salesforce never took it, and staff gave it up. */
  refused_at: Date | null;
  created_at: Date;
  closed_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface CaseCommentsTable {
  id: Generated<string>;
  /** Null until Salesforce has the comment. */
  salesforce_id: string | null;
  /** Null until the comment's case has arrived. */
  case_id: string | null;
  case_salesforce_id: string | null;
  body: string;
  /** Customers see published comments alone. */
  is_published: Generated<boolean>;
  /** The Salesforce user who wrote it. */
  author_id: string | null;
  /** The person who wrote it in the portal. */
  written_by: string | null;
  refused_at: Date | null;
  attributes: Attributes;
  created_at: Date;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface CaseEmailsTable {
  id: string;
  case_id: string | null;
  case_salesforce_id: string | null;
  subject: string | null;
  text_body: string | null;
  html_body: string | null;
  from_name: string | null;
  from_address: string | null;
  to_address: string | null;
  is_incoming: Generated<boolean>;
  is_externally_visible: Generated<boolean>;
  sent_at: Date | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface CaseChangesTable {
  id: string;
  case_id: string | null;
  case_salesforce_id: string | null;
  /** Salesforce's name of the field, e.g. Status. */
  field: string;
  old_value: string | null;
  new_value: string | null;
  changed_by: string | null;
  created_at: Date | null;
  attributes: Attributes;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface FileVersionsTable {
  id: string;
  document_id: string;
  title: string;
  path_on_client: string | null;
  extension: string | null;
  size_bytes: Generated<number>;
  is_latest: Generated<boolean>;
  rapport_id: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface FileLinksTable {
  id: string;
  document_id: string;
  case_id: string | null;
  case_salesforce_id: string | null;
  /** AllUsers: customers may see it. */
  visibility: string | null;
  attributes: Attributes;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface UploadsTable {
  id: Generated<string>;
  person_id: string;
  /** Null while the form it came with has not been sent. */
  case_id: string | null;
  /** The form that it was sent with, by which one sent twice is known. */
  form_id: string | null;
  name: string;
  /** What its first bytes say it is. */
  media_type: Generated<string>;
  /** Null while it is arriving. */
  size_bytes: number | null;
  /** The ContentVersion's; null until Salesforce has the file. */
  salesforce_id: string | null;
  received_at: Date;
  attached_at: Date | null;
  delivered_at: Date | null;
  refused_at: Date | null;
}

export interface UploadChunksTable {
  upload_id: string;
  position: number;
  bytes: Buffer;
}

export interface CaseActsTable {
  id: Generated<string>;
  case_id: string;
  person_id: string;
  person_name: string;
  kind: 'closed' | 'reopened';
  acted_at: Date;
  /** Null until Salesforce has taken it. */
  delivered_at: Date | null;
  /** The outbox's row that it is on its way with. */
  outbox_id: number | null;
  /** It was not to be: Support had done otherwise meanwhile, or staff gave it up. */
  refused_at: Date | null;
}

export interface CaseNoticesTable {
  kind: 'comment' | 'email';
  source_id: string;
  case_id: string | null;
  noticed_at: Date;
}

export interface CaseClosingsTable {
  case_id: string;
  noticed_at: Date;
}

declare module '../platform/db.ts' {
  interface Tables {
    cases: CasesTable;
    case_comments: CaseCommentsTable;
    case_emails: CaseEmailsTable;
    case_changes: CaseChangesTable;
    file_versions: FileVersionsTable;
    file_links: FileLinksTable;
    uploads: UploadsTable;
    upload_chunks: UploadChunksTable;
    case_acts: CaseActsTable;
    case_notices: CaseNoticesTable;
    case_closings: CaseClosingsTable;
  }
}
