import { pushTopicRules, streamingChannelRules } from '../events/rules.ts';
import { keepContents, measureAttachment, measureVersion } from '../files/keep-contents.ts';
import type { SObject } from '../schema/catalog.ts';
import type { SaveHook } from './hooks.ts';
import { eventRules, taskRules } from './rules/activities.ts';
import { caseRules } from './rules/cases.ts';
import { accountContactRelationRules, contactRules } from './rules/contacts.ts';
import { versionRules } from './rules/files.ts';
import { lineItemRules, opportunityRules, pricebookEntryRules } from './rules/opportunities.ts';
import { emailMessageRules, userRules } from './rules/people.ts';

/** Contents: which objects have rules beyond their fields. */
const hooks: Record<string, SaveHook[]> = {
  AccountContactRelation: [accountContactRelationRules],
  Attachment: [measureAttachment, keepContents],
  Case: [caseRules],
  Contact: [contactRules],
  ContentVersion: [measureVersion, versionRules, keepContents],
  EmailMessage: [emailMessageRules],
  Event: [eventRules],
  Opportunity: [opportunityRules],
  OpportunityLineItem: [lineItemRules],
  PricebookEntry: [pricebookEntryRules],
  PushTopic: [pushTopicRules],
  StreamingChannel: [streamingChannelRules],
  Task: [taskRules],
  User: [userRules],
};

export const hooksOf = (sobject: SObject): SaveHook[] => hooks[sobject.name] ?? [];
