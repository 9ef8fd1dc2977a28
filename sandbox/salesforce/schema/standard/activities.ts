import type { ObjectDefinition } from '../catalog.ts';
import {
  audit,
  checkbox,
  date,
  email,
  identity,
  longText,
  lookup,
  moment,
  owner,
  picklist,
  readOnly,
  required,
  text,
  whole,
  generated,
} from '../fields.ts';

const whatTargets = ['Account', 'Asset', 'Campaign', 'Case', 'Contract', 'Opportunity', 'Product2'];
const subjects = ['Call', 'Email', 'Send Letter', 'Send Quote', 'Other'];

const related = (children: string) => [
  lookup('WhoId', ['Contact', 'Lead'], {
    label: 'Name ID',
    childRelationshipName: children,
    cascadeDelete: true,
  }),
  lookup('WhatId', whatTargets, {
    label: 'Related To ID',
    childRelationshipName: children,
    cascadeDelete: true,
  }),
];

// prettier-ignore
export const task: ObjectDefinition = {
  name: 'Task',
  label: 'Task',
  labelPlural: 'Tasks',
  keyPrefix: '00T',
  fields: [
    ...identity('Activity'),
    ...related('Tasks'),
    { ...picklist('Subject', subjects, { nameField: true }), type: 'combobox' },
    date('ActivityDate', { label: 'Due Date Only' }),
    picklist('Status', ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'], { defaultValue: 'Not Started', ...required, defaultedOnCreate: true }),
    picklist('Priority', ['High', 'Normal', 'Low'], { defaultValue: 'Normal', ...required, defaultedOnCreate: true }),
    generated(checkbox('IsHighPriority', { label: 'High Priority' }), `coalesce("Priority" = 'High', false)`),
    owner(['Group', 'User']),
    longText('Description', 32_000, { label: 'Comments' }),
    lookup('AccountId', 'Account', readOnly),
    generated(checkbox('IsClosed', { label: 'Closed' }), `coalesce("Status" = 'Completed', false)`),
    ...audit(),
    checkbox('IsArchived', { label: 'Archived', ...readOnly }),
    whole('CallDurationInSeconds', { label: 'Call Duration' }),
    picklist('CallType', ['Internal', 'Inbound', 'Outbound']),
    text('CallDisposition', 255, { label: 'Call Result' }),
    moment('ReminderDateTime', { label: 'Reminder Date/Time' }),
    checkbox('IsReminderSet', { label: 'Reminder Set' }),
    picklist('TaskSubtype', ['Task', 'Email', 'List Email', 'Cadence', 'Call', 'LinkedIn'], { defaultValue: 'Task', restrictedPicklist: true, updateable: false }),
    moment('CompletedDateTime', { label: 'Completed Date/Time', ...readOnly }),
  ],
};

// prettier-ignore
export const event: ObjectDefinition = {
  name: 'Event',
  label: 'Event',
  labelPlural: 'Events',
  keyPrefix: '00U',
  fields: [
    ...identity('Activity'),
    ...related('Events'),
    { ...picklist('Subject', ['Call', 'Email', 'Meeting', 'Send Letter/Quote', 'Other'], { nameField: true }), type: 'combobox' },
    text('Location', 255),
    checkbox('IsAllDayEvent', { label: 'All-Day Event' }),
    moment('ActivityDateTime', { label: 'Due Date Time' }),
    date('ActivityDate', { label: 'Due Date Only' }),
    whole('DurationInMinutes', { label: 'Duration' }),
    moment('StartDateTime', { label: 'Start Date Time' }),
    moment('EndDateTime', { label: 'End Date Time' }),
    longText('Description'),
    lookup('AccountId', 'Account', readOnly),
    owner(),
    checkbox('IsPrivate', { label: 'Private' }),
    picklist('ShowAs', ['Busy', 'OutOfOffice', 'Free'], { defaultValue: 'Busy', label: 'Show Time As' }),
    ...audit(),
    checkbox('IsArchived', { label: 'Archived', ...readOnly }),
    moment('ReminderDateTime', { label: 'Reminder Date/Time' }),
    checkbox('IsReminderSet', { label: 'Reminder Set' }),
  ],
};

// prettier-ignore
export const group: ObjectDefinition = {
  name: 'Group',
  label: 'Group',
  labelPlural: 'Group',
  keyPrefix: '00G',
  undeletable: false,
  fields: [
    ...identity('Group'),
    text('Name', 40, { nameField: true, ...required }),
    text('DeveloperName', 80),
    lookup('RelatedId', ['User', 'UserRole'], { label: 'Related ID', ...readOnly }),
    picklist('Type', ['Regular', 'Role', 'RoleAndSubordinates', 'Organization', 'Queue'], { ...required, updateable: false }),
    email('Email', { label: 'Queue Email' }),
    checkbox('DoesSendEmailToMembers', { label: 'Send Email to Members' }),
    checkbox('DoesIncludeBosses', { label: 'Include Bosses', updateable: false }),
    ...audit(),
  ],
};

// prettier-ignore
export const groupMember: ObjectDefinition = {
  name: 'GroupMember',
  label: 'Group Member',
  labelPlural: 'Group Member',
  keyPrefix: '011',
  undeletable: false,
  fields: [
    ...identity('Group Member'),
    lookup('GroupId', 'Group', { ...required, updateable: false, childRelationshipName: 'GroupMembers', cascadeDelete: true }),
    lookup('UserOrGroupId', ['Group', 'User'], { label: 'User/Group ID', ...required, updateable: false }),
    moment('SystemModstamp', { ...readOnly, nillable: false, defaultedOnCreate: true }),
  ],
};

// prettier-ignore
export const queueSobject: ObjectDefinition = {
  name: 'QueueSobject',
  label: 'Queue Sobject',
  labelPlural: 'Queue Sobjects',
  keyPrefix: '03g',
  undeletable: false,
  fields: [
    ...identity('Queue Sobject'),
    lookup('QueueId', 'Group', { label: 'Group ID', ...required, updateable: false, childRelationshipName: 'QueueSobjects', cascadeDelete: true }),
    text('SobjectType', 40, { label: 'Object Type', ...required, updateable: false }),
    lookup('CreatedById', 'User', readOnly),
    moment('SystemModstamp', { ...readOnly, nillable: false, defaultedOnCreate: true }),
  ],
};
