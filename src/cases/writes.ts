import type { AccountViewer } from '../access/viewer.ts';
import type { Tx } from '../platform/db.ts';
import { write } from '../platform/salesforce/outbox/outbox.ts';

import type { NewCase } from './cases.ts';
import { salesforcePriority, type LockedCase } from './queries.ts';
import { NEW_STATUS } from './status.ts';

/* What the portal writes to Salesforce: the only place of this capability that speaks of sObjects' fields going out. */

const feature = 'cases';

/** The case as Support will find it (SP10): like one from any other web form. */
export async function writeCase(tx: Tx, actor: AccountViewer, opened: NewCase): Promise<void> {
  await write(tx, {
    sobject: 'Case',
    operation: 'upsert',
    rapportId: opened.id,
    fields: {
      Subject: opened.subject,
      Description: opened.description,
      Priority: salesforcePriority(opened.priority),
      Origin: 'Web',
      Status: NEW_STATUS,
      AccountId: actor.accountId,
      ContactId: actor.contactId,
      Rapport_Locale__c: actor.locale,
      ...(opened.productId === undefined ? {} : { Rapport_Product__c: opened.productId }),
    },
    feature,
  });
}

/** @returns the outbox's row, which the act is on its way with */
export async function writeStatus(
  tx: Tx,
  actor: AccountViewer,
  { id, salesforceId, status: seen }: LockedCase,
  status: string,
): Promise<number> {
  return await write(tx, {
    sobject: 'Case',
    operation: 'upsert',
    rapportId: id,
    salesforceId,
    fields: { Status: status },
    base: { Status: seen },
    actor: { personId: actor.personId, name: actor.name },
    feature,
  });
}

interface CaseKey {
  caseId: string;
  caseSalesforceId: string | null;
}

export async function writeComment(
  tx: Tx,
  on: CaseKey,
  { id, body }: { id: string; body: string },
): Promise<void> {
  await write(tx, {
    sobject: 'CaseComment',
    operation: 'create',
    rapportId: id,
    fields: { CommentBody: body, IsPublished: true },
    parent: parentOf('ParentId', on),
    feature,
  });
}

/** The file's bytes are read from its upload when the outbox is drained. */
export async function writeFile(
  tx: Tx,
  on: CaseKey,
  { id, name }: { id: string; name: string },
): Promise<void> {
  await write(tx, {
    sobject: 'ContentVersion',
    operation: 'create',
    rapportId: id,
    fields: { Title: titleOf(name), PathOnClient: name, Rapport_Id__c: id },
    parent: parentOf('FirstPublishLocationId', on),
    feature,
  });
}

/** Salesforce shows and downloads a file by its title with the extension added. */
const titleOf = (name: string): string => name.replace(/(?<=.)\.[^.]+$/u, '');

function parentOf(field: string, { caseId, caseSalesforceId }: CaseKey) {
  return {
    field,
    sobject: 'Case',
    rapportId: caseId,
    ...(caseSalesforceId === null ? {} : { salesforceId: caseSalesforceId }),
  };
}
