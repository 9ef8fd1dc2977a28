import type { Tx } from '../platform/db.ts';
import { sql } from '../platform/db.ts';
import { flag, integer, mirrored, moment, text } from '../platform/salesforce/mirror/mapping.ts';

/** What the mirror holds of cases and what hangs on them, under Salesforce's names. */
export const caseObjects = [
  mirrored('Case', 'cases', {
    key: 'ours',
    pace: 'often',
    yieldsToOutbox: true,
    columns: {
      number: text('CaseNumber'),
      account_id: text('AccountId'),
      contact_id: text('ContactId'),
      owner_id: text('OwnerId'),
      subject: text('Subject', { otherwise: '' }),
      description: text('Description', { otherwise: '' }),
      status: text('Status', { otherwise: '' }),
      priority: text('Priority'),
      type: text('Type'),
      origin: text('Origin'),
      product_id: text('Rapport_Product__c'),
      locale: text('Rapport_Locale__c'),
      is_closed: flag('IsClosed'),
      created_at: moment('CreatedDate', { otherwise: 'epoch' }),
      closed_at: moment('ClosedDate'),
    },
  }),
  mirrored('CaseComment', 'case_comments', {
    key: 'ours',
    pace: 'often',
    caseField: 'ParentId',
    echoField: 'CommentBody',
    columns: {
      body: text('CommentBody', { otherwise: '' }),
      is_published: flag('IsPublished'),
      author_id: text('CreatedById'),
      created_at: moment('CreatedDate', { otherwise: 'epoch' }),
    },
  }),
  mirrored('EmailMessage', 'case_emails', {
    pace: 'often',
    caseField: 'ParentId',
    where: 'ParentId != null',
    columns: {
      subject: text('Subject'),
      text_body: text('TextBody'),
      html_body: text('HtmlBody'),
      from_name: text('FromName'),
      from_address: text('FromAddress'),
      to_address: text('ToAddress'),
      is_incoming: flag('Incoming'),
      is_externally_visible: flag('IsExternallyVisible'),
      sent_at: moment('MessageDate'),
      created_at: moment('CreatedDate'),
    },
  }),
  mirrored('CaseHistory', 'case_changes', {
    caseField: 'CaseId',
    cursor: 'CreatedDate',
    columns: {
      field: text('Field', { otherwise: '' }),
      old_value: text('OldValue'),
      new_value: text('NewValue'),
      changed_by: text('CreatedById'),
      created_at: moment('CreatedDate'),
    },
  }),
  mirrored('ContentVersion', 'file_versions', {
    pace: 'often',
    columns: {
      document_id: text('ContentDocumentId', { otherwise: '' }),
      title: text('Title', { otherwise: '' }),
      path_on_client: text('PathOnClient'),
      extension: text('FileExtension'),
      size_bytes: integer('ContentSize', { otherwise: 0 }),
      is_latest: flag('IsLatest'),
      rapport_id: text('Rapport_Id__c'),
      created_at: moment('CreatedDate'),
    },
  }),
  mirrored('ContentDocumentLink', 'file_links', {
    pace: 'often',
    caseField: 'LinkedEntityId',
    where: 'LinkedEntityId IN (SELECT Id FROM Case)',
    columns: {
      document_id: text('ContentDocumentId', { otherwise: '' }),
      visibility: text('Visibility'),
    },
  }),
];

interface Delivered {
  rapportId: string | null;
  salesforceId: string;
}

/** What becomes of our rows when Salesforce has them, in the transaction that says so. */
export const caseDeliveries: Record<string, (tx: Tx, delivered: readonly Delivered[]) => Promise<void>> = {
  Case: (tx, delivered) => named(tx, 'cases', delivered),
  CaseComment: (tx, delivered) => named(tx, 'case_comments', delivered),
};

/**
 * The sync may have met a record before its delivery was known; then it has the id already, under our own key. One that was merged
 * into another was written there: that one keeps its own row.
 */
async function named(
  tx: Tx,
  table: 'cases' | 'case_comments',
  delivered: readonly Delivered[],
): Promise<void> {
  await sql`
    update ${sql.table(table)} m set salesforce_id = given."salesforceId"
    from jsonb_to_recordset(${JSON.stringify(delivered)}::jsonb) as given ("rapportId" uuid, "salesforceId" text)
    where m.id = given."rapportId" and m.salesforce_id is distinct from given."salesforceId"
      and not exists (select from ${sql.table(table)} other where other.salesforce_id = given."salesforceId")`.execute(
    tx,
  );
}
