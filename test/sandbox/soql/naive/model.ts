/** What the evaluator knows of the org's objects: written down by hand, so that it shares nothing with the compiler. */

/** How values of a field compare: `text` without regard to case, `code` with. */
export type Kind = 'id' | 'text' | 'code' | 'picklist' | 'multi' | 'number' | 'boolean' | 'date' | 'datetime';

export interface Parent {
  /** The reference field. */
  field: string;
  targets: string[];
}

export interface ObjectModel {
  /** The field that people call a record by. */
  nameField: string;
  fields: Record<string, Kind>;
  parents: Record<string, Parent>;
  children: Record<string, { object: string; field: string }>;
}

const stamps: Record<string, Kind> = { CreatedDate: 'datetime', LastModifiedDate: 'datetime' };
const owner: Record<string, Parent> = { Owner: { field: 'OwnerId', targets: ['User'] } };
const anyOwner: Record<string, Parent> = { Owner: { field: 'OwnerId', targets: ['Group', 'User'] } };

export const model: Record<string, ObjectModel> = {
  User: {
    nameField: 'Name',
    fields: { Id: 'id', Name: 'text', LastName: 'text', Title: 'text', IsActive: 'boolean', ManagerId: 'id' },
    parents: { Manager: { field: 'ManagerId', targets: ['User'] } },
    children: {},
  },
  Group: {
    nameField: 'Name',
    fields: { Id: 'id', Name: 'text' },
    parents: {},
    children: {},
  },
  Account: {
    nameField: 'Name',
    fields: {
      Id: 'id', Name: 'text', Type: 'picklist', Industry: 'picklist', AnnualRevenue: 'number', NumberOfEmployees: 'number',
      BillingCity: 'text', Site: 'text', LastActivityDate: 'date', ParentId: 'id', OwnerId: 'id', IsDeleted: 'boolean',
      Code__c: 'code', Flag__c: 'boolean', Colors__c: 'multi', Score__c: 'number', Seen__c: 'datetime', ...stamps,
    },
    parents: { Parent: { field: 'ParentId', targets: ['Account'] }, ...owner },
    children: {
      Contacts: { object: 'Contact', field: 'AccountId' },
      ChildAccounts: { object: 'Account', field: 'ParentId' },
      Opportunities: { object: 'Opportunity', field: 'AccountId' },
      Cases: { object: 'Case', field: 'AccountId' },
    },
  },
  Contact: {
    nameField: 'Name',
    fields: {
      Id: 'id', LastName: 'text', FirstName: 'text', Name: 'text', Email: 'text', Title: 'text', LeadSource: 'picklist',
      Birthdate: 'date', DoNotCall: 'boolean', AccountId: 'id', ReportsToId: 'id', OwnerId: 'id', IsDeleted: 'boolean', ...stamps,
    },
    parents: {
      Account: { field: 'AccountId', targets: ['Account'] },
      ReportsTo: { field: 'ReportsToId', targets: ['Contact'] },
      ...owner,
    },
    children: {
      ReportsToContacts: { object: 'Contact', field: 'ReportsToId' },
      Cases: { object: 'Case', field: 'ContactId' },
    },
  },
  Case: {
    nameField: 'CaseNumber',
    fields: {
      Id: 'id', CaseNumber: 'text', Subject: 'text', Status: 'picklist', Priority: 'picklist', Origin: 'picklist',
      IsEscalated: 'boolean', ClosedDate: 'datetime', AccountId: 'id', ContactId: 'id', ParentId: 'id', OwnerId: 'id',
      IsDeleted: 'boolean', ...stamps,
    },
    parents: {
      Account: { field: 'AccountId', targets: ['Account'] },
      Contact: { field: 'ContactId', targets: ['Contact'] },
      Parent: { field: 'ParentId', targets: ['Case'] },
      ...anyOwner,
    },
    children: { Cases: { object: 'Case', field: 'ParentId' } },
  },
  Opportunity: {
    nameField: 'Name',
    fields: {
      Id: 'id', Name: 'text', StageName: 'picklist', Amount: 'number', Probability: 'number', CloseDate: 'date',
      IsPrivate: 'boolean', NextStep: 'text', AccountId: 'id', OwnerId: 'id', IsDeleted: 'boolean', ...stamps,
    },
    parents: { Account: { field: 'AccountId', targets: ['Account'] }, ...owner },
    children: {},
  },
  Task: {
    nameField: 'Subject',
    fields: {
      Id: 'id', Subject: 'text', ActivityDate: 'date', Status: 'picklist', Priority: 'picklist', WhoId: 'id', WhatId: 'id',
      OwnerId: 'id', IsDeleted: 'boolean', ...stamps,
    },
    parents: {
      Who: { field: 'WhoId', targets: ['Contact', 'Lead'] },
      What: { field: 'WhatId', targets: ['Account', 'Asset', 'Campaign', 'Case', 'Contract', 'Opportunity', 'Product2'] },
      ...anyOwner,
    },
    children: {},
  },
}; // prettier-ignore

/** The objects that queries start from. */
export const roots = ['Account', 'Contact', 'Case', 'Opportunity', 'Task'];

/** @throws Error for an object that there isn't. */
export function modelOf(object: string): ObjectModel {
  const found = model[object];
  if (!found) throw new Error(`no object ${object}`);
  return found;
}

/** The kind of a field at the end of a path; of several possible objects' common ones it is text. */
export function kindOf(object: string, path: string[]): Kind {
  const [first = '', ...rest] = path;
  if (rest.length === 0) return modelOf(object).fields[first] ?? 'text';
  const targets = modelOf(object).parents[first]?.targets ?? [];
  return targets.length === 1 ? kindOf(targets[0] ?? '', rest) : 'text';
}
