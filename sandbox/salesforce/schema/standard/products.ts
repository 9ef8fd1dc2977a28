import type { ObjectDefinition } from '../catalog.ts';
import {
  address,
  audit,
  checkbox,
  createOnly,
  date,
  identity,
  longText,
  lookup,
  moment,
  money,
  owner,
  picklist,
  readOnly,
  required,
  text,
  url,
  whole,
} from '../fields.ts';

// prettier-ignore
export const product2: ObjectDefinition = {
  name: 'Product2',
  label: 'Product',
  labelPlural: 'Products',
  keyPrefix: '01t',
  fields: [
    ...identity('Product'),
    text('Name', 255, { label: 'Product Name', nameField: true, ...required }),
    text('ProductCode', 255),
    longText('Description', 4000, { label: 'Product Description' }),
    checkbox('IsActive', { label: 'Active' }),
    ...audit(),
    picklist('Family', ['None']),
    url('DisplayUrl', { label: 'Display URL', length: 1000 }),
    picklist('QuantityUnitOfMeasure', ['Each']),
    checkbox('IsArchived', { label: 'Archived', ...readOnly }),
    text('StockKeepingUnit', 180, { label: 'Product SKU' }),
    moment('LastViewedDate', readOnly),
    moment('LastReferencedDate', readOnly),
  ],
};

// prettier-ignore
export const pricebook2: ObjectDefinition = {
  name: 'Pricebook2',
  label: 'Price Book',
  labelPlural: 'Price Books',
  keyPrefix: '01s',
  fields: [
    ...identity('Price Book'),
    text('Name', 255, { label: 'Price Book Name', nameField: true, ...required }),
    ...audit(),
    checkbox('IsActive', { label: 'Active' }),
    checkbox('IsArchived', { label: 'Archived', ...readOnly }),
    text('Description', 255),
    checkbox('IsStandard', { label: 'Is Standard Price Book', ...readOnly }),
    moment('LastViewedDate', readOnly),
    moment('LastReferencedDate', readOnly),
  ],
};

// prettier-ignore
export const pricebookEntry: ObjectDefinition = {
  name: 'PricebookEntry',
  label: 'Price Book Entry',
  labelPlural: 'Price Book Entries',
  keyPrefix: '01u',
  fields: [
    ...identity('Price Book Entry'),
    text('Name', 255, { label: 'Product Name', nameField: true, ...readOnly }),
    lookup('Pricebook2Id', 'Pricebook2', { label: 'Price Book ID', ...required, ...createOnly, childRelationshipName: 'PricebookEntries', cascadeDelete: true }),
    lookup('Product2Id', 'Product2', { label: 'Product ID', ...required, ...createOnly, childRelationshipName: 'PricebookEntries', cascadeDelete: true }),
    money('UnitPrice', { label: 'List Price', ...required }),
    checkbox('IsActive', { label: 'Active' }),
    checkbox('UseStandardPrice'),
    ...audit(),
    text('ProductCode', 255, readOnly),
    checkbox('IsArchived', { label: 'Archived', ...readOnly }),
  ],
};

// prettier-ignore
export const contract: ObjectDefinition = {
  name: 'Contract',
  label: 'Contract',
  labelPlural: 'Contracts',
  keyPrefix: '800',
  fields: [
    ...identity('Contract'),
    lookup('AccountId', 'Account', { ...required, childRelationshipName: 'Contracts', cascadeDelete: true }),
    lookup('Pricebook2Id', 'Pricebook2', { label: 'Price Book ID', childRelationshipName: 'Contracts' }),
    picklist('OwnerExpirationNotice', ['15', '30', '45', '60', '90', '120']),
    date('StartDate', { label: 'Contract Start Date' }),
    date('EndDate', { label: 'Contract End Date', ...readOnly }),
    ...address('Billing'),
    whole('ContractTerm'),
    owner(),
    picklist('Status', ['In Approval Process', 'Activated', 'Draft'], { defaultValue: 'Draft' }),
    lookup('CompanySignedId', 'User', { label: 'Company Signed By ID' }),
    date('CompanySignedDate'),
    lookup('CustomerSignedId', 'Contact', { label: 'Customer Signed By ID', childRelationshipName: 'ContractsSigned' }),
    text('CustomerSignedTitle', 40),
    date('CustomerSignedDate'),
    longText('SpecialTerms', 4000),
    moment('ActivatedDate', readOnly),
    picklist('StatusCode', ['Draft', 'InApproval', 'Activated'], { label: 'Status Category', ...readOnly, defaultValue: 'Draft' }),
    longText('Description'),
    text('ContractNumber', 30, { ...readOnly, ...required, nameField: true, autoNumber: true, displayFormat: '{00000000}', idLookup: true }),
    text('Name', 80, { label: 'Contract Name' }),
    ...audit(),
    date('LastActivityDate', { label: 'Last Activity', ...readOnly }),
  ],
};

// prettier-ignore
export const recordType: ObjectDefinition = {
  name: 'RecordType',
  label: 'Record Type',
  labelPlural: 'Record Types',
  keyPrefix: '012',
  fields: [
    ...identity('Record Type'),
    text('Name', 80, { label: 'Name', nameField: true, idLookup: true, ...required }),
    text('DeveloperName', 80, required),
    text('NamespacePrefix', 15, createOnly),
    text('Description', 255),
    text('SobjectType', 40, { label: 'SObject Type Name', ...required, ...createOnly }),
    checkbox('IsActive', { label: 'Active' }),
    ...audit(),
  ],
};
