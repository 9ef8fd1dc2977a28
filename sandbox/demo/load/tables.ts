/** Who wrote a row and when, in every ordinary object. */
const audit = [
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
] as const;

/** The columns that the demo fills, by object, in the order in which they are loaded. Others take their default. */
export const tables = {
  UserRole: ['Id', 'Name', 'DeveloperName', 'ParentRoleId', 'LastModifiedDate', 'LastModifiedById', 'SystemModstamp'],
  User: [
    'Id', 'Username', 'LastName', 'FirstName', 'CompanyName', 'Department', 'Title', 'Email', 'Phone', 'Alias', 'CommunityNickname',
    'IsActive', 'TimeZoneSidKey', 'UserRoleId', 'LocaleSidKey', 'EmailEncodingKey', 'ProfileId', 'UserType', 'LanguageLocaleKey',
    'ManagerId', 'City', 'Country', 'LastLoginDate', ...audit,
  ],
  PermissionSetAssignment: ['Id', 'PermissionSetId', 'AssigneeId', 'IsActive', 'SystemModstamp'],
  Group: ['Id', 'Name', 'DeveloperName', 'Type', 'Email', ...audit],
  GroupMember: ['Id', 'GroupId', 'UserOrGroupId', 'SystemModstamp'],
  QueueSobject: ['Id', 'QueueId', 'SobjectType', 'CreatedById', 'SystemModstamp'],
  Product2: [
    'Id', 'Name', 'ProductCode', 'Description', 'IsActive', 'Family', 'QuantityUnitOfMeasure', 'StockKeepingUnit',
    'Rapport_Kind__c', 'Rapport_Edition__c', 'Rapport_Version__c', ...audit,
  ],
  Pricebook2: ['Id', 'Name', 'IsActive', 'IsStandard', 'Description', ...audit],
  PricebookEntry: [
    'Id', 'Name', 'Pricebook2Id', 'Product2Id', 'UnitPrice', 'IsActive', 'UseStandardPrice', 'ProductCode', ...audit,
  ],
  Account: [
    'Id', 'Name', 'Type', 'ParentId', 'BillingStreet', 'BillingCity', 'BillingState', 'BillingPostalCode', 'BillingCountry',
    'ShippingStreet', 'ShippingCity', 'ShippingState', 'ShippingPostalCode', 'ShippingCountry', 'Phone', 'AccountNumber',
    'Website', 'Industry', 'AnnualRevenue', 'NumberOfEmployees', 'Ownership', 'Description', 'Rating', 'Site', 'OwnerId',
    'AccountSource', 'YearStarted', 'LastActivityDate', 'Rapport_Distributor__c', 'Rapport_Partner__c',
    'Rapport_Success_Manager__c', ...audit,
  ],
  Contact: [
    'Id', 'AccountId', 'LastName', 'FirstName', 'MailingStreet', 'MailingCity', 'MailingState', 'MailingPostalCode',
    'MailingCountry', 'Phone', 'MobilePhone', 'ReportsToId', 'Email', 'Title', 'Department', 'LeadSource', 'OwnerId',
    'HasOptedOutOfEmail', 'LastActivityDate', 'Rapport_Locale__c', 'Rapport_Beta__c', ...audit,
  ],
  AccountContactRelation: [
    'Id', 'AccountId', 'ContactId', 'Roles', 'IsDirect', 'IsActive', 'StartDate', ...audit,
  ],
  Opportunity: [
    'Id', 'AccountId', 'Name', 'Description', 'StageName', 'Amount', 'Probability', 'TotalOpportunityQuantity', 'CloseDate',
    'Type', 'NextStep', 'LeadSource', 'ForecastCategory', 'ForecastCategoryName', 'HasOpportunityLineItem', 'Pricebook2Id',
    'ContactId', 'OwnerId', 'LastStageChangeDate', ...audit,
  ],
  OpportunityLineItem: [
    'Id', 'OpportunityId', 'SortOrder', 'PricebookEntryId', 'Product2Id', 'ProductCode', 'Name', 'Quantity', 'TotalPrice',
    'UnitPrice', 'ListPrice', 'ServiceDate', 'Discount', ...audit,
  ],
  OpportunityContactRole: ['Id', 'OpportunityId', 'ContactId', 'Role', 'IsPrimary', ...audit],
  Rapport_License__c: [
    'Id', 'Name', 'OwnerId', 'Rapport_Account__c', 'Rapport_Product__c', 'Rapport_Opportunity__c', 'Rapport_Edition__c',
    'Rapport_Version__c', 'Rapport_Code__c', 'Rapport_Kind__c', 'Rapport_Seats__c', 'Rapport_Status__c', 'Rapport_Trial__c',
    'Rapport_Purchased_On__c', 'Rapport_Support_Until__c', ...audit,
  ],
  Case: [
    'Id', 'CaseNumber', 'ContactId', 'AccountId', 'SuppliedName', 'SuppliedEmail', 'Type', 'Status', 'Reason', 'Origin',
    'Subject', 'Priority', 'Description', 'ClosedDate', 'IsEscalated', 'OwnerId', 'ContactPhone', 'ContactEmail',
    'Rapport_Product__c', 'Rapport_Locale__c', ...audit,
  ],
  CaseComment: ['Id', 'ParentId', 'IsPublished', 'CommentBody', ...audit],
  CaseHistory: ['Id', 'CaseId', 'Field', 'DataType', 'OldValue', 'NewValue', 'CreatedDate', 'CreatedById'],
  EmailMessage: [
    'Id', 'ParentId', 'TextBody', 'Subject', 'FromName', 'FromAddress', 'ToAddress', 'Incoming', 'Status', 'MessageDate',
    'IsExternallyVisible', 'MessageIdentifier', 'ThreadIdentifier', 'RelatedToId', ...audit,
  ],
  ContentDocument: [
    'Id', 'Title', 'OwnerId', 'PublishStatus', 'LatestPublishedVersionId', 'ContentSize', 'FileType', 'FileExtension',
    'SharingOption', 'SharingPrivacy', 'ContentModifiedDate', ...audit,
  ],
  ContentVersion: [
    'Id', 'ContentDocumentId', 'IsLatest', 'VersionNumber', 'Title', 'SharingOption', 'SharingPrivacy', 'PathOnClient',
    'ContentModifiedDate', 'ContentModifiedById', 'OwnerId', 'FileType', 'PublishStatus', 'ContentSize', 'FileExtension',
    'FirstPublishLocationId', 'Origin', 'Checksum', 'IsMajorVersion', ...audit,
  ],
  ContentDocumentLink: ['Id', 'LinkedEntityId', 'ContentDocumentId', 'ShareType', 'Visibility', 'SystemModstamp'],
  Attachment: ['Id', 'ParentId', 'Name', 'ContentType', 'BodyLength', 'OwnerId', ...audit],
  Task: [
    'Id', 'WhoId', 'WhatId', 'Subject', 'ActivityDate', 'Status', 'Priority', 'OwnerId', 'Description', 'AccountId',
    'TaskSubtype', 'CompletedDateTime', 'CallType', 'CallDurationInSeconds', ...audit,
  ],
  Event: [
    'Id', 'WhoId', 'WhatId', 'Subject', 'Location', 'ActivityDateTime', 'ActivityDate', 'DurationInMinutes', 'StartDateTime',
    'EndDateTime', 'Description', 'AccountId', 'OwnerId', ...audit,
  ],
  Lead: [
    'Id', 'LastName', 'FirstName', 'Title', 'Company', 'Street', 'City', 'State', 'PostalCode', 'Country', 'Phone', 'Email',
    'Website', 'Description', 'LeadSource', 'Status', 'Industry', 'Rating', 'NumberOfEmployees', 'OwnerId', ...audit,
  ],
} as const; // prettier-ignore

export type Table = keyof typeof tables;
export type Value = string | number | boolean | null | undefined;

/** A row; its stamp gives who wrote it and when. */
export type RowOf<T extends Table> = Partial<Record<(typeof tables)[T][number], Value>>;

/** When a row was made and last changed, in milliseconds, and by whom. */
export interface Stamp {
  at: number;
  by: string;
  changedAt?: number;
  changedBy?: string;
}

/** Takes rows as they are made. */
export type AddRow = <T extends Table>(table: T, row: RowOf<T>, stamp: Stamp) => void;
