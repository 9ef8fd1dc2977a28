import type { ObjectDefinition } from '../catalog.ts';
import {
  audit,
  binary,
  checkbox,
  createOnly,
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
} from '../fields.ts';

const linkable = [
  'Account',
  'Asset',
  'Campaign',
  'Case',
  'Contact',
  'Contract',
  'EmailMessage',
  'Event',
  'Group',
  'Lead',
  'Opportunity',
  'Organization',
  'Product2',
  'Task',
  'User',
];

// prettier-ignore
export const contentDocument: ObjectDefinition = {
  name: 'ContentDocument',
  label: 'Content Document',
  labelPlural: 'Content Documents',
  keyPrefix: '069',
  createable: false,
  fields: [
    ...identity('ContentDocument'),
    ...audit(),
    checkbox('IsArchived', readOnly),
    lookup('ArchivedById', 'User', { label: 'User ID', ...readOnly }),
    moment('ArchivedDate', readOnly),
    owner(),
    text('Title', 255, { nameField: true, ...required }),
    picklist('PublishStatus', ['P', 'R', 'U'], { ...readOnly, nillable: false, defaultValue: 'P' }),
    lookup('LatestPublishedVersionId', 'ContentVersion', { label: 'Latest Published Version ID', ...readOnly }),
    longText('Description', 1000),
    whole('ContentSize', { label: 'Size', ...readOnly }),
    text('FileType', 20, readOnly),
    text('FileExtension', 40, readOnly),
    picklist('SharingOption', ['A', 'R'], { defaultValue: 'A' }),
    picklist('SharingPrivacy', ['N', 'P'], { defaultValue: 'N' }),
    moment('ContentModifiedDate', readOnly),
    lookup('ParentId', 'Account', { label: 'Parent ID', referenceTo: [], relationshipName: null, ...readOnly }),
  ],
};

// prettier-ignore
export const contentVersion: ObjectDefinition = {
  name: 'ContentVersion',
  label: 'Content Version',
  labelPlural: 'Content Versions',
  keyPrefix: '068',
  deletable: false,
  undeletable: false,
  fields: [
    ...identity('ContentVersion'),
    lookup('ContentDocumentId', 'ContentDocument', { ...createOnly, nillable: false, defaultedOnCreate: true, childRelationshipName: 'ContentVersions', cascadeDelete: true }),
    checkbox('IsLatest', { label: 'Is Latest', ...readOnly }),
    text('ContentUrl', 1300, { label: 'Content URL' }),
    lookup('ContentBodyId', 'ContentVersion', { label: 'Content Body ID', referenceTo: [], relationshipName: null, ...readOnly }),
    text('VersionNumber', 20, readOnly),
    text('Title', 255, { nameField: true, nillable: false, defaultedOnCreate: true }),
    longText('Description', 1000),
    longText('ReasonForChange', 1000),
    picklist('SharingOption', ['A', 'R'], { defaultValue: 'A' }),
    picklist('SharingPrivacy', ['N', 'P'], { defaultValue: 'N' }),
    text('PathOnClient', 500, { ...createOnly }),
    whole('RatingCount', readOnly),
    moment('ContentModifiedDate', readOnly),
    lookup('ContentModifiedById', 'User', { label: 'User ID', ...readOnly }),
    owner(),
    longText('TagCsv', 2000, { label: 'Tags' }),
    ...audit(),
    text('FileType', 20, readOnly),
    picklist('PublishStatus', ['P', 'R', 'U'], { ...readOnly, defaultValue: 'P' }),
    binary('VersionData'),
    whole('ContentSize', { label: 'Size', ...readOnly }),
    text('FileExtension', 40, readOnly),
    lookup('FirstPublishLocationId', linkable, { label: 'First Publish Location ID', ...createOnly }),
    picklist('Origin', ['C', 'H'], { label: 'Content Origin', ...createOnly, defaultValue: 'C' }),
    text('Checksum', 50, readOnly),
    checkbox('IsMajorVersion', { ...createOnly, defaultValue: true }),
    checkbox('IsAssetEnabled', { label: 'Asset File Enabled' }),
    text('ExternalDocumentInfo1', 1000),
    text('ExternalDocumentInfo2', 1000),
  ],
};

// prettier-ignore
export const contentDocumentLink: ObjectDefinition = {
  name: 'ContentDocumentLink',
  label: 'Content Document Link',
  labelPlural: 'Content Document Links',
  keyPrefix: '06A',
  undeletable: false,
  fields: [
    ...identity('ContentDocumentLink'),
    lookup('LinkedEntityId', linkable, {
      ...required, ...createOnly, childRelationshipName: 'ContentDocumentLinks', cascadeDelete: true,
    }),
    lookup('ContentDocumentId', 'ContentDocument', {
      ...required, ...createOnly, childRelationshipName: 'ContentDocumentLinks', cascadeDelete: true,
    }),
    moment('SystemModstamp', { ...readOnly, nillable: false, defaultedOnCreate: true }),
    picklist('ShareType', ['V', 'C', 'I'], { defaultValue: 'V', restrictedPicklist: true }),
    picklist('Visibility', ['AllUsers', 'InternalUsers', 'SharedUsers'], { restrictedPicklist: true, defaultValue: 'AllUsers' }),
  ],
};

// prettier-ignore
export const note: ObjectDefinition = {
  name: 'Note',
  label: 'Note',
  labelPlural: 'Notes',
  keyPrefix: '002',
  fields: [
    ...identity('Note'),
    lookup('ParentId', ['Account', 'Asset', 'Contact', 'Contract', 'Lead', 'Opportunity', 'Product2'], {
      ...required, ...createOnly, childRelationshipName: 'Notes', cascadeDelete: true,
    }),
    text('Title', 80, { nameField: true, ...required }),
    checkbox('IsPrivate', { label: 'Private' }),
    longText('Body'),
    owner(),
    ...audit(),
  ],
};
