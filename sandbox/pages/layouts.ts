/** A list of records related to the one shown. */
export interface RelatedList {
  title: string;
  object: string;
  /** The field of that object which points here. */
  by: string;
  columns: readonly string[];
  orderBy: string;
  /** A further condition in SOQL. */
  where?: string;
}

/** A saved view of a list: its condition in SOQL, with `:user` for whoever looks. */
export interface ListView {
  key: string;
  label: string;
  where?: string;
}

/** How an object's records are shown: what an administrator would set up as page layout, list views and compact layout. */
export interface Layout {
  object: string;
  /** File name of its mark among the bootstrap icons. */
  icon: string;
  highlights: readonly string[];
  sections: readonly { title: string; fields: readonly string[] }[];
  related: readonly RelatedList[];
  columns: readonly string[];
  orderBy: string;
  /** Fields that a search looks into. */
  searched: readonly string[];
  views: readonly ListView[];
}

const system = {
  title: 'System Information',
  fields: ['CreatedById', 'LastModifiedById', 'CreatedDate', 'LastModifiedDate'],
};

const related = (
  title: string,
  where: `${string}.${string}`,
  columns: string,
  orderBy: string,
): RelatedList => {
  const [object = '', by = ''] = where.split('.');
  return { title, object, by, columns: columns.split(' '), orderBy };
};

const words = (text: string) => text.trim().split(/\s+/);

const account: Layout = {
  object: 'Account',
  icon: 'building',
  highlights: words('Type Phone Website Industry OwnerId'),
  sections: [
    {
      title: 'Account Information',
      fields: words('Name OwnerId ParentId Type Industry Phone AccountNumber Website NumberOfEmployees Site AnnualRevenue Ownership Rapport_Success_Manager__c'),
    },
    { title: 'Partner Network', fields: words('Rapport_Distributor__c Rapport_Partner__c') },
    { title: 'Address Information', fields: words('BillingAddress ShippingAddress') },
    { title: 'Additional Information', fields: words('Rating AccountSource YearStarted LastActivityDate Description') },
    system,
  ],
  related: [
    related('Contacts', 'Contact.AccountId', 'Name Title Email Rapport_Locale__c', 'Name'),
    related('Cases', 'Case.AccountId', 'CaseNumber Subject Status Priority CreatedDate', 'CreatedDate DESC'),
    related('Opportunities', 'Opportunity.AccountId', 'Name StageName Amount CloseDate', 'CloseDate DESC'),
    related('Licenses', 'Rapport_License__c.Rapport_Account__c', 'Name Rapport_Product__c Rapport_Seats__c Rapport_Status__c Rapport_Support_Until__c', 'Rapport_Support_Until__c DESC'),
    related('Subsidiaries', 'Account.ParentId', 'Name Type BillingCountry NumberOfEmployees', 'Name'),
    related('Partner Accounts', 'Account.Rapport_Partner__c', 'Name Type BillingCity OwnerId', 'Name'),
    related('Distributed Accounts', 'Account.Rapport_Distributor__c', 'Name Type BillingCountry Rapport_Partner__c', 'Name'),
    { ...related('Contacts of Other Accounts', 'AccountContactRelation.AccountId', 'ContactId Roles IsActive StartDate', 'StartDate DESC'), where: 'IsDirect = false' },
  ],
  columns: words('Name Type Industry BillingCountry NumberOfEmployees Rapport_Health_Rank__c OwnerId'),
  orderBy: 'Name',
  searched: words('Name Website AccountNumber'),
  views: [
    { key: 'all', label: 'All Accounts' },
    { key: 'my', label: 'My Accounts', where: 'OwnerId = :user' },
    { key: 'customers', label: 'Customers', where: "Type IN ('Customer - Direct', 'Customer - Channel')" },
    { key: 'partners', label: 'Partners', where: "Type IN ('Distributor', 'Reseller', 'MSP')" },
    { key: 'risk', label: 'Poor Health', where: "Rapport_Health_Rank__c = 'Poor'" },
  ],
}; // prettier-ignore

const contact: Layout = {
  object: 'Contact',
  icon: 'person-vcard',
  highlights: words('Title AccountId Phone Email OwnerId'),
  sections: [
    {
      title: 'Contact Information',
      fields: words('FirstName LastName AccountId Title Email Phone Department MobilePhone ReportsToId OwnerId'),
    },
    { title: 'Rapport', fields: words('Rapport_Locale__c Rapport_Beta__c Rapport_Id__c HasOptedOutOfEmail') },
    { title: 'Address Information', fields: words('MailingAddress') },
    system,
  ],
  related: [
    related('Cases', 'Case.ContactId', 'CaseNumber Subject Status Priority CreatedDate', 'CreatedDate DESC'),
    related('Related Accounts', 'AccountContactRelation.ContactId', 'AccountId Roles IsDirect IsActive', 'IsDirect DESC'),
    related('Opportunity Roles', 'OpportunityContactRole.ContactId', 'OpportunityId Role IsPrimary', 'CreatedDate DESC'),
  ],
  columns: words('Name AccountId Title Email Phone Rapport_Locale__c OwnerId'),
  orderBy: 'LastName',
  searched: words('Name Email'),
  views: [
    { key: 'all', label: 'All Contacts' },
    { key: 'my', label: 'My Contacts', where: 'OwnerId = :user' },
    { key: 'beta', label: 'Beta Program', where: 'Rapport_Beta__c = true' },
  ],
}; // prettier-ignore

const caseLayout: Layout = {
  object: 'Case',
  icon: 'life-preserver',
  highlights: words('Status Priority AccountId ContactId OwnerId'),
  sections: [
    {
      title: 'Case Information',
      fields: words('OwnerId Status Priority Type Reason Origin ContactId AccountId Rapport_Product__c Rapport_Locale__c IsEscalated ParentId'),
    },
    { title: 'Description', fields: words('Subject Description') },
    { title: 'Contact Details', fields: words('ContactEmail ContactPhone') },
    {
      title: 'System Information',
      fields: words('CreatedDate ClosedDate CreatedById LastModifiedById LastModifiedDate Rapport_Id__c'),
    },
  ],
  related: [],
  columns: words('CaseNumber Subject Status Priority AccountId ContactId OwnerId CreatedDate'),
  orderBy: 'CreatedDate DESC',
  searched: words('CaseNumber Subject'),
  views: [
    { key: 'open', label: 'All Open Cases', where: 'IsClosed = false' },
    { key: 'my', label: 'My Open Cases', where: 'OwnerId = :user AND IsClosed = false' },
    { key: 'new', label: 'New Cases', where: "Status = 'New'" },
    { key: 'escalated', label: 'Escalated Cases', where: "Status = 'Escalated'" },
    { key: 'all', label: 'All Cases' },
  ],
}; // prettier-ignore

const opportunity: Layout = {
  object: 'Opportunity',
  icon: 'graph-up-arrow',
  highlights: words('AccountId StageName Amount CloseDate OwnerId'),
  sections: [
    {
      title: 'Opportunity Information',
      fields: words('Name OwnerId AccountId CloseDate Type StageName LeadSource Probability NextStep Amount ForecastCategoryName TotalOpportunityQuantity'),
    },
    { title: 'Description', fields: words('Description') },
    system,
  ],
  related: [
    related('Products', 'OpportunityLineItem.OpportunityId', 'Product2Id Quantity UnitPrice TotalPrice', 'SortOrder'),
    related('Contact Roles', 'OpportunityContactRole.OpportunityId', 'ContactId Role IsPrimary', 'CreatedDate'),
    related('Licenses', 'Rapport_License__c.Rapport_Opportunity__c', 'Name Rapport_Product__c Rapport_Seats__c Rapport_Status__c Rapport_Support_Until__c', 'Name'),
  ],
  columns: words('Name AccountId StageName Amount CloseDate Type OwnerId'),
  orderBy: 'CloseDate',
  searched: words('Name'),
  views: [
    { key: 'open', label: 'Open Pipeline', where: 'IsClosed = false' },
    { key: 'my', label: 'My Opportunities', where: 'OwnerId = :user AND IsClosed = false' },
    { key: 'month', label: 'Closing This Month', where: 'IsClosed = false AND CloseDate = THIS_MONTH' },
    { key: 'won', label: 'Won This Year', where: 'IsWon = true AND CloseDate = THIS_YEAR' },
    { key: 'all', label: 'All Opportunities' },
  ],
}; // prettier-ignore

const lead: Layout = {
  object: 'Lead',
  icon: 'star',
  highlights: words('Company Title Phone Email OwnerId'),
  sections: [
    {
      title: 'Lead Information',
      fields: words('FirstName LastName Company Title Status Rating Email Phone Website LeadSource Industry NumberOfEmployees OwnerId Rapport_Id__c'),
    },
    { title: 'Address Information', fields: words('Address') },
    { title: 'Description', fields: words('Description') },
    system,
  ],
  related: [],
  columns: words('Name Company Status Email LeadSource OwnerId CreatedDate'),
  orderBy: 'CreatedDate DESC',
  searched: words('Name Company Email'),
  views: [
    { key: 'open', label: 'Open Leads', where: "Status IN ('Open - Not Contacted', 'Working - Contacted')" },
    { key: 'my', label: 'My Leads', where: 'OwnerId = :user' },
    { key: 'all', label: 'All Leads' },
  ],
}; // prettier-ignore

const license: Layout = {
  object: 'Rapport_License__c',
  icon: 'key',
  highlights: words('Rapport_Account__c Rapport_Product__c Rapport_Status__c Rapport_Seats__c Rapport_Support_Until__c'),
  sections: [
    {
      title: 'License Information',
      fields: words('Rapport_Account__c Rapport_Product__c Rapport_Code__c Rapport_Kind__c Rapport_Edition__c Rapport_Version__c Rapport_Seats__c Rapport_Status__c Rapport_Trial__c Rapport_Opportunity__c Rapport_Purchased_On__c Rapport_Support_Until__c OwnerId'),
    },
    system,
  ],
  related: [],
  columns: words('Name Rapport_Account__c Rapport_Product__c Rapport_Code__c Rapport_Seats__c Rapport_Status__c Rapport_Support_Until__c'),
  orderBy: 'Name DESC',
  searched: words('Name Rapport_Code__c'),
  views: [
    { key: 'active', label: 'Active Licenses', where: "Rapport_Status__c = 'Active'" },
    { key: 'expiring', label: 'Support Ends in 60 Days', where: "Rapport_Status__c = 'Active' AND Rapport_Support_Until__c = NEXT_N_DAYS:60" },
    { key: 'trials', label: 'Trials', where: 'Rapport_Trial__c = true' },
    { key: 'codes', label: 'Channel Codes', where: "Rapport_Kind__c = 'Channel Code'" },
    { key: 'all', label: 'All Licenses' },
  ],
}; // prettier-ignore

const insight: Layout = {
  object: 'Rapport_Insight__c',
  icon: 'lightbulb',
  highlights: words('Rapport_Account__c Rapport_Rank__c Rapport_Score__c Rapport_Occurred_At__c Rapport_Handled__c'),
  sections: [
    { title: 'Handling', fields: words('Rapport_Handled__c Rapport_Feedback__c') },
    {
      title: 'Insight',
      fields: words('Rapport_Headline__c Rapport_Kind__c Rapport_Account__c Rapport_Occurred_At__c Rapport_Rank__c Rapport_Score__c Rapport_URL__c Rapport_Id__c Rapport_Body__c'),
    },
    system,
  ],
  related: [],
  columns: words('Name Rapport_Headline__c Rapport_Account__c Rapport_Rank__c Rapport_Score__c Rapport_Handled__c Rapport_Occurred_At__c'),
  orderBy: 'Rapport_Occurred_At__c DESC',
  searched: words('Name Rapport_Headline__c'),
  views: [
    { key: 'new', label: 'New Insights', where: "Rapport_Handled__c = 'New'" },
    { key: 'all', label: 'All Insights' },
  ],
}; // prettier-ignore

const product: Layout = {
  object: 'Product2',
  icon: 'box-seam',
  highlights: words('ProductCode Family Rapport_Kind__c Rapport_Version__c IsActive'),
  sections: [
    {
      title: 'Product Information',
      fields: words('Name ProductCode Family IsActive Rapport_Kind__c Rapport_Edition__c Rapport_Version__c QuantityUnitOfMeasure Description'),
    },
    system,
  ],
  related: [related('Price Books', 'PricebookEntry.Product2Id', 'Pricebook2Id UnitPrice IsActive', 'UnitPrice DESC')],
  columns: words('Name ProductCode Family Rapport_Kind__c Rapport_Edition__c Rapport_Version__c IsActive'),
  orderBy: 'Name',
  searched: words('Name ProductCode'),
  views: [
    { key: 'active', label: 'Active Products', where: 'IsActive = true' },
    { key: 'all', label: 'All Products' },
  ],
}; // prettier-ignore

const user: Layout = {
  object: 'User',
  icon: 'person-badge',
  highlights: words('Title Department Email IsActive'),
  sections: [
    {
      title: 'User Information',
      fields: words('Name Username Email Title Department UserRoleId ProfileId IsActive TimeZoneSidKey LocaleSidKey Country LastLoginDate'),
    },
  ],
  related: [related('Permission Sets', 'PermissionSetAssignment.AssigneeId', 'PermissionSetId SystemModstamp', 'SystemModstamp')],
  columns: words('Name Title Department Email Country IsActive LastLoginDate'),
  orderBy: 'Name',
  searched: words('Name Email'),
  views: [
    { key: 'active', label: 'Active Users', where: 'IsActive = true' },
    { key: 'all', label: 'All Users' },
  ],
}; // prettier-ignore

/** Contents: the objects that have pages of their own; those with a tab come first. */
export const layouts: readonly Layout[] = [
  account,
  contact,
  caseLayout,
  opportunity,
  lead,
  license,
  product,
  user,
  insight,
];

/** The tabs of the navigation. */
export const tabs = layouts.filter((layout) => layout !== insight);
