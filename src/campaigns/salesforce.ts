import type { Write } from '../platform/salesforce/outbox/outbox.ts';

/* Campaigns as sales reps know them: a campaign with its members, and what came of it on the account. Salesforce's names stop here. */

const types: Record<string, string> = { email: 'Email' };

/** The campaign's own record. */
export const campaignWrite = (campaign: {
  campaignId: string;
  name: string;
  channel: string;
  isEnded: boolean;
}): Write => ({
  sobject: 'Campaign',
  operation: 'upsert',
  rapportId: campaign.campaignId,
  fields: {
    Name: campaign.name.slice(0, 80),
    Type: types[campaign.channel] ?? 'Other',
    Status: campaign.isEnded ? 'Completed' : 'In Progress',
    IsActive: !campaign.isEnded,
  },
  feature: 'insights',
});

/** Somebody got it, or did something about it. Only the first write may say of whom: Salesforce lets nobody change that. */
export const memberWrite = (member: {
  campaignId: string;
  campaignSalesforceId: string;
  contactId: string;
  hasResponded: boolean;
  isNew: boolean;
}): Write => ({
  sobject: 'CampaignMember',
  operation: 'upsert',
  rapportId: `${member.campaignId}:${member.contactId}`,
  fields: {
    Status: member.hasResponded ? 'Responded' : 'Sent',
    ...(member.isNew ? { CampaignId: member.campaignSalesforceId, ContactId: member.contactId } : {}),
  },
  /* As we wrote it; whoever changed it since has a say. */
  ...(member.isNew ? {} : { base: { Status: 'Sent' } }),
  feature: 'insights',
});

/** What a run came to at an account, among its insights. */
export const runInsightWrite = (told: {
  insightId: string;
  accountId: string;
  headline: string;
  body: string;
  url: string;
  at: Date;
}): Write => ({
  sobject: 'Rapport_Insight__c',
  operation: 'upsert',
  rapportId: told.insightId,
  fields: {
    Rapport_Kind__c: 'campaign.reached',
    Rapport_Headline__c: told.headline.slice(0, 255),
    Rapport_Body__c: told.body,
    Rapport_Occurred_At__c: told.at.toISOString(),
    Rapport_URL__c: told.url,
  },
  parent: { field: 'Rapport_Account__c', sobject: 'Account', salesforceId: told.accountId },
  feature: 'insights',
});

/** An activity of the account: its people followed links. */
export const taskWrite = (told: {
  taskId: string;
  accountId: string;
  contactId: string | null;
  ownerId: string | null;
  subject: string;
  description: string;
  at: Date;
}): Write => ({
  sobject: 'Task',
  operation: 'upsert',
  rapportId: told.taskId,
  fields: {
    Subject: told.subject.slice(0, 255),
    Description: told.description,
    Status: 'Completed',
    Priority: 'Normal',
    ActivityDate: told.at.toISOString().slice(0, 10),
    WhoId: told.contactId,
    ...(told.ownerId === null ? {} : { OwnerId: told.ownerId }),
  },
  parent: { field: 'WhatId', sobject: 'Account', salesforceId: told.accountId },
  feature: 'insights',
});

/** What somebody answered to a mail's questions: something to do, where they want to be called. */
export const feedbackWrite = (told: {
  taskId: string;
  accountId: string;
  contactId: string | null;
  ownerId: string | null;
  subject: string;
  description: string;
  isOpen: boolean;
  at: Date;
}): Write => {
  const write = taskWrite(told);
  const Status = told.isOpen ? 'Not Started' : 'Completed';
  return { ...write, fields: { ...write.fields, Status } };
};
