import type { ObjectDefinition } from '../catalog.ts';
import {
  address,
  audit,
  checkbox,
  createOnly,
  email,
  idOnly,
  longText,
  lookup,
  moment,
  personName,
  phone,
  picklist,
  readOnly,
  required,
  text,
  url,
  generated,
} from '../fields.ts';

const locales = [
  'en_US',
  'en_GB',
  'en_AU',
  'de_DE',
  'es_ES',
  'es_MX',
  'fr_FR',
  'it_IT',
  'ja_JP',
  'pt_BR',
  'pt_PT',
];
const languages = ['en_US', 'de', 'es', 'fr', 'it', 'ja', 'pt_BR', 'es_MX', 'en_GB', 'en_AU', 'pt_PT'];
const timeZones = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'America/Mexico_City',
  'Europe/London',
  'Europe/Lisbon',
  'Europe/Madrid',
  'Europe/Paris',
  'Europe/Rome',
  'Europe/Berlin',
  'Asia/Tokyo',
  'Australia/Sydney',
  'GMT',
];

// prettier-ignore
export const user: ObjectDefinition = {
  name: 'User',
  label: 'User',
  labelPlural: 'Users',
  keyPrefix: '005',
  deletable: false,
  undeletable: false,
  fields: [
    ...idOnly('User'),
    text('Username', 80, { ...required, unique: true, idLookup: true }),
    ...personName([]),
    text('CompanyName', 80),
    text('Division', 80),
    text('Department', 80),
    text('Title', 80),
    ...address(''),
    email('Email', { length: 128, ...required }),
    checkbox('EmailPreferencesAutoBcc', { label: 'AutoBcc', defaultValue: true }),
    phone('Phone'),
    phone('Fax'),
    phone('MobilePhone', { label: 'Cell' }),
    text('Alias', 8, required),
    text('CommunityNickname', 40, { label: 'Nickname', ...required, unique: true, defaultedOnCreate: true }),
    checkbox('IsActive', { label: 'Active', defaultValue: true }),
    picklist('TimeZoneSidKey', timeZones, { label: 'Time Zone', ...required, defaultValue: 'America/New_York', restrictedPicklist: true }),
    lookup('UserRoleId', 'UserRole', { label: 'Role ID', childRelationshipName: 'Users' }),
    picklist('LocaleSidKey', locales, { label: 'Locale', ...required, defaultValue: 'en_US', restrictedPicklist: true }),
    picklist('EmailEncodingKey', ['UTF-8', 'ISO-8859-1', 'Shift_JIS'], { label: 'Email Encoding', ...required, defaultValue: 'UTF-8', restrictedPicklist: true }),
    lookup('ProfileId', 'Profile', { ...required, childRelationshipName: 'Users' }),
    picklist('UserType', ['Standard', 'PowerPartner', 'PowerCustomerSuccess', 'CustomerSuccess', 'Guest', 'CspLitePortal'], { ...readOnly, defaultValue: 'Standard' }),
    picklist('LanguageLocaleKey', languages, { label: 'Language', ...required, defaultValue: 'en_US', restrictedPicklist: true }),
    text('EmployeeNumber', 20),
    lookup('DelegatedApproverId', ['Group', 'User'], { label: 'Delegated Approver ID' }),
    lookup('ManagerId', 'User', { childRelationshipName: 'ManagedUsers' }),
    moment('LastLoginDate', { label: 'Last Login', ...readOnly }),
    ...audit(),
    checkbox('UserPermissionsMarketingUser', { label: 'Marketing User' }),
    text('FederationIdentifier', 512, { label: 'SAML Federation ID', unique: true, idLookup: true }),
    longText('AboutMe', 1000, { label: 'About Me' }),
    url('FullPhotoUrl', { label: 'Url for full-sized Photo', length: 1024, ...readOnly }),
    url('SmallPhotoUrl', { label: 'Photo', length: 1024, ...readOnly }),
    lookup('ContactId', 'Contact', { ...createOnly, childRelationshipName: 'Users' }),
    lookup('AccountId', 'Account', { ...readOnly, childRelationshipName: 'Users' }),
    text('SenderEmail', 80, { label: 'Email Sender Address' }),
    text('SenderName', 80, { label: 'Email Sender Name' }),
    longText('Signature', 1333, { label: 'Email Signature' }),
  ],
};

// prettier-ignore
export const profile: ObjectDefinition = {
  name: 'Profile',
  label: 'Profile',
  labelPlural: 'Profile',
  keyPrefix: '00e',
  createable: false,
  undeletable: false,
  fields: [
    ...idOnly('Profile'),
    text('Name', 255, { nameField: true, ...required }),
    checkbox('PermissionsApiEnabled', { label: 'API Enabled' }),
    checkbox('PermissionsModifyAllData', { label: 'Modify All Data' }),
    checkbox('PermissionsViewAllData', { label: 'View All Data' }),
    picklist('UserType', ['Standard', 'Guest'], { ...readOnly, defaultValue: 'Standard' }),
    ...audit(),
    text('Description', 255),
  ],
};

// prettier-ignore
export const userRole: ObjectDefinition = {
  name: 'UserRole',
  label: 'Role',
  labelPlural: 'Role',
  keyPrefix: '00E',
  undeletable: false,
  fields: [
    ...idOnly('Role'),
    text('Name', 80, { nameField: true, ...required }),
    lookup('ParentRoleId', 'UserRole', { label: 'Parent Role ID', referenceTo: ['UserRole'] }),
    text('RollupDescription', 80, { label: 'Description' }),
    text('DeveloperName', 80),
    lookup('LastModifiedById', 'User', readOnly),
    moment('LastModifiedDate', { ...readOnly, nillable: false, defaultedOnCreate: true }),
    moment('SystemModstamp', { ...readOnly, nillable: false, defaultedOnCreate: true }),
  ],
};

// prettier-ignore
export const permissionSet: ObjectDefinition = {
  name: 'PermissionSet',
  label: 'Permission Set',
  labelPlural: 'Permission Sets',
  keyPrefix: '0PS',
  undeletable: false,
  fields: [
    ...idOnly('PermissionSet'),
    text('Name', 80, { label: 'Permission Set Name', nameField: true, ...required }),
    text('Label', 80, { label: 'Permission Set Label', ...required }),
    lookup('ProfileId', 'Profile', readOnly),
    generated(checkbox('IsOwnedByProfile'), '"ProfileId" is not null'),
    generated(checkbox('IsCustom'), '"ProfileId" is null'),
    picklist('Type', ['Regular', 'Standard', 'Session', 'Group'], { ...readOnly, defaultValue: 'Regular' }),
    checkbox('PermissionsApiEnabled', { label: 'API Enabled' }),
    checkbox('PermissionsViewAllData', { label: 'View All Data' }),
    checkbox('PermissionsModifyAllData', { label: 'Modify All Data' }),
    text('Description', 255),
    text('NamespacePrefix', 15, readOnly),
    ...audit(),
  ],
};

// prettier-ignore
export const permissionSetAssignment: ObjectDefinition = {
  name: 'PermissionSetAssignment',
  label: 'Permission Set Assignment',
  labelPlural: 'Permission Set Assignments',
  keyPrefix: '0Pa',
  undeletable: false,
  fields: [
    ...idOnly('PermissionSetAssignment'),
    lookup('PermissionSetId', 'PermissionSet', { ...required, ...createOnly, childRelationshipName: 'Assignments', cascadeDelete: true }),
    lookup('AssigneeId', 'User', { label: 'Assigned ID', ...required, ...createOnly, childRelationshipName: 'PermissionSetAssignments' }),
    moment('SystemModstamp', { label: 'Date Assigned', ...readOnly, nillable: false, defaultedOnCreate: true }),
    checkbox('IsActive', readOnly),
  ],
};

const parent = (children: string) =>
  lookup('ParentId', 'PermissionSet', {
    ...required,
    ...createOnly,
    childRelationshipName: children,
    cascadeDelete: true,
  });

// prettier-ignore
export const objectPermissions: ObjectDefinition = {
  name: 'ObjectPermissions',
  label: 'Object Permissions',
  labelPlural: 'Object Permissions',
  keyPrefix: '110',
  undeletable: false,
  fields: [
    ...idOnly('ObjectPermissions'),
    parent('ObjectPerms'),
    text('SobjectType', 40, { label: 'SObject Type Name', ...required, ...createOnly }),
    checkbox('PermissionsCreate', { label: 'Create Records' }),
    checkbox('PermissionsRead', { label: 'Read Records' }),
    checkbox('PermissionsEdit', { label: 'Edit Records' }),
    checkbox('PermissionsDelete', { label: 'Delete Records' }),
    checkbox('PermissionsViewAllRecords', { label: 'Read All Records' }),
    checkbox('PermissionsModifyAllRecords', { label: 'Edit All Records' }),
    ...audit(),
  ],
};

// prettier-ignore
export const fieldPermissions: ObjectDefinition = {
  name: 'FieldPermissions',
  label: 'Field Permissions',
  labelPlural: 'Field Permissions',
  keyPrefix: '01k',
  undeletable: false,
  fields: [
    ...idOnly('FieldPermissions'),
    parent('FieldPerms'),
    text('SobjectType', 40, { label: 'SObject Type Name', ...required, ...createOnly }),
    text('Field', 255, { label: 'Field Name', ...required, ...createOnly }),
    checkbox('PermissionsRead', { label: 'Read Field' }),
    checkbox('PermissionsEdit', { label: 'Edit Field' }),
    moment('SystemModstamp', { ...readOnly, nillable: false, defaultedOnCreate: true }),
  ],
};

// prettier-ignore
export const organization: ObjectDefinition = {
  name: 'Organization',
  label: 'Organization',
  labelPlural: 'Organizations',
  keyPrefix: '00D',
  createable: false,
  deletable: false,
  undeletable: false,
  fields: [
    ...idOnly('Organization'),
    text('Name', 80, { nameField: true, ...required }),
    text('Division', 80),
    ...address(''),
    phone('Phone'),
    phone('Fax'),
    text('PrimaryContact', 80),
    picklist('DefaultLocaleSidKey', locales, { label: 'Locale', defaultValue: 'en_US' }),
    picklist('TimeZoneSidKey', timeZones, { label: 'Time Zone', defaultValue: 'America/New_York' }),
    picklist('LanguageLocaleKey', languages, { label: 'Language', defaultValue: 'en_US' }),
    picklist('OrganizationType', ['Team Edition', 'Professional Edition', 'Enterprise Edition', 'Developer Edition', 'Unlimited Edition'], readOnly),
    text('NamespacePrefix', 15, readOnly),
    text('InstanceName', 5, readOnly),
    checkbox('IsSandbox', readOnly),
    checkbox('IsReadOnly', readOnly),
    moment('TrialExpirationDate', readOnly),
    picklist('DefaultAccountAccess', ['None', 'Read', 'Edit', 'ControlledByLeadOrContact'], { ...readOnly, defaultValue: 'Edit' }),
    ...audit(),
  ],
};
