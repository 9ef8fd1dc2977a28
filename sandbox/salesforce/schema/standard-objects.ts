import type { ObjectDefinition } from './catalog.ts';
import { account, accountContactRelation, asset, contact } from './standard/accounts.ts';
import { event, group, groupMember, queueSobject, task } from './standard/activities.ts';
import { attachment, caseComment, caseHistory, caseObject, emailMessage } from './standard/cases.ts';
import { contentDocument, contentDocumentLink, contentVersion, note } from './standard/content.ts';
import {
  fieldPermissions, objectPermissions, organization, permissionSet, permissionSetAssignment, profile, user, userRole,
} from './standard/people.ts'; // prettier-ignore
import { contract, pricebook2, pricebookEntry, product2, recordType } from './standard/products.ts';
import { pushTopic, streamingChannel } from './standard/streaming.ts';
import {
  campaign, campaignMember, lead, opportunity, opportunityContactRole, opportunityLineItem,
} from './standard/sales.ts'; // prettier-ignore
import { caseStatus, leadStatus, opportunityStage } from './standard/statuses.ts';

/** Contents: the standard objects of the org. */
export const standardObjects: ObjectDefinition[] = [
  account, accountContactRelation, asset, attachment, campaign, campaignMember, caseObject, caseComment, caseHistory, contact,
  contentDocument, contentDocumentLink, contentVersion, contract, emailMessage, event, fieldPermissions, group, groupMember,
  lead, note, objectPermissions, opportunity, opportunityContactRole, opportunityLineItem, organization, permissionSet,
  leadStatus, caseStatus, opportunityStage, permissionSetAssignment, pricebook2, pricebookEntry, product2, profile, pushTopic, queueSobject, recordType, streamingChannel, task, user, userRole,
]; // prettier-ignore
