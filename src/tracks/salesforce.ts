import type { Write } from '../platform/salesforce/outbox/outbox.ts';

/* What tracks write to Salesforce: tasks of those who look after an account. Salesforce's names stop here. */

/** Something to do, on the account that it is about. */
export const taskWrite = (task: {
  taskId: string;
  accountId: string;
  contactId: string | null;
  assigneeId: string | null;
  subject: string;
  text: string;
  dueOn: string;
}): Write => ({
  sobject: 'Task',
  operation: 'upsert',
  rapportId: task.taskId,
  fields: {
    Subject: task.subject.slice(0, 255),
    Description: task.text,
    Status: 'Not Started',
    Priority: 'Normal',
    ActivityDate: task.dueOn,
    WhoId: task.contactId,
    ...(task.assigneeId === null ? {} : { OwnerId: task.assigneeId }),
  },
  parent: { field: 'WhatId', sobject: 'Account', salesforceId: task.accountId },
  feature: 'insights',
});
