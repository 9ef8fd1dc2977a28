import type { Needs, Written } from './platform/salesforce/checks/checks.ts';
import { chosenMappings } from './platform/salesforce/mirror/chosen.ts';
import { mappings } from './sync.ts';

/** Everything that Rapport writes to Salesforce, by object; a test holds it against what capabilities hand to the outbox. */
export const written: Readonly<Record<string, Written>> = {
  Account: {
    fields: [
      'Rapport_Health_Rank__c', 'Rapport_Health_Score__c', 'Rapport_Health_Reasons__c', 'Rapport_Health_At__c',
      'Rapport_Health_Trend__c', 'Rapport_Profile_URL__c', 'Rapport_Latest_Insight__c', 'Rapport_Latest_Insight_At__c',
    ],
    creates: false,
    values: { Rapport_Health_Rank__c: ['Good', 'Average', 'Poor'] },
  },
  Contact: { fields: ['Email'], creates: false },
  Lead: {
    fields: ['FirstName', 'LastName', 'Company', 'Email', 'LeadSource', 'Description', 'Rapport_Id__c'],
    creates: true,
    externalId: 'Rapport_Id__c',
    values: { LeadSource: ['Web'] },
  },
  Case: {
    fields: [
      'Subject', 'Description', 'Priority', 'Origin', 'Status', 'AccountId', 'ContactId', 'Rapport_Locale__c', 'Rapport_Product__c',
      'Rapport_Id__c',
    ],
    creates: true,
    externalId: 'Rapport_Id__c',
    values: { Origin: ['Web'], Status: ['New', 'Closed'], Priority: ['Low', 'Medium', 'High'] },
  },
  CaseComment: { fields: ['CommentBody', 'IsPublished', 'ParentId'], creates: true },
  ContentVersion: {
    fields: ['Title', 'PathOnClient', 'Rapport_Id__c', 'FirstPublishLocationId'],
    creates: true,
    externalId: 'Rapport_Id__c',
  },
  Campaign: {
    fields: ['Name', 'Type', 'Status', 'IsActive', 'Rapport_Id__c'],
    creates: true,
    externalId: 'Rapport_Id__c',
    values: { Type: ['Email', 'Other'], Status: ['In Progress', 'Completed'] },
  },
  CampaignMember: {
    fields: ['CampaignId', 'ContactId', 'Status', 'Rapport_Id__c'],
    creates: true,
    externalId: 'Rapport_Id__c',
    values: { Status: ['Sent', 'Responded'] },
  },
  Task: {
    fields: ['Subject', 'Description', 'Status', 'Priority', 'ActivityDate', 'WhatId', 'WhoId', 'OwnerId', 'Rapport_Id__c'],
    creates: true,
    externalId: 'Rapport_Id__c',
    values: { Status: ['Completed'], Priority: ['Normal'] },
  },
  Rapport_Insight__c: {
    fields: [
      'Rapport_Account__c', 'Rapport_Kind__c', 'Rapport_Headline__c', 'Rapport_Body__c', 'Rapport_Rank__c', 'Rapport_Score__c',
      'Rapport_Occurred_At__c', 'Rapport_URL__c', 'Rapport_Id__c',
      'Rapport_Handled__c', 'Rapport_Feedback__c',
    ],
    creates: true,
    externalId: 'Rapport_Id__c',
    values: { Rapport_Handled__c: ['Seen', 'Done', 'Not helpful'] },
  },
}; // prettier-ignore

/** What Rapport needs of the org that it is connected to. */
export const needs: Needs = {
  mappings: () => chosenMappings(mappings),
  written,
  permissionSet: 'Rapport_Integration',
  staffPermissionSets: ['Rapport_Rep', 'Rapport_Success', 'Rapport_Support', 'Rapport_Admin'],
};
