import { strToU8, zipSync } from 'fflate';

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';

/** A zip in the Metadata API's own format: package.xml from `members`, and files whose XML is given without its namespace. */
export function packageZip(members: Record<string, string[]>, files: Record<string, string>): Buffer {
  const types = Object.entries(members).map(
    ([name, names]) =>
      `<types>${names.map((each) => `<members>${each}</members>`).join('')}<name>${name}</name></types>`,
  );
  const all = { 'package.xml': `<Package>${types.join('')}<version>60.0</version></Package>`, ...files };
  const documents = Object.entries(all).map(([path, xml]) => [
    path,
    strToU8(
      `<?xml version="1.0" encoding="UTF-8"?>\n${xml.replace(/^<(\w+)>/, `<$1 xmlns="${NAMESPACE}">`)}`,
    ),
  ]);
  return Buffer.from(zipSync(Object.fromEntries(documents) as Record<string, Uint8Array>));
}

export const badgeObject = `<CustomObject>
  <deploymentStatus>Deployed</deploymentStatus><label>Badge</label><pluralLabel>Badges</pluralLabel>
  <sharingModel>ReadWrite</sharingModel>
  <nameField><displayFormat>B-{0000}</displayFormat><label>Badge Number</label><type>AutoNumber</type></nameField>
  <fields><fullName>Account__c</fullName><label>Account</label><type>Lookup</type><referenceTo>Account</referenceTo>
    <relationshipName>Badges</relationshipName></fields>
  <fields><fullName>Code__c</fullName><label>Code</label><type>Text</type><length>64</length><unique>true</unique>
    <caseSensitive>true</caseSensitive><externalId>true</externalId></fields>
  <fields><fullName>Color__c</fullName><label>Color</label><type>Picklist</type><valueSet><restricted>true</restricted>
    <valueSetDefinition><value><fullName>Red</fullName><default>true</default><label>Red</label></value>
    <value><fullName>Blue</fullName><default>false</default><label>Blue</label></value></valueSetDefinition></valueSet></fields>
  <fields><fullName>Score__c</fullName><label>Score</label><type>Number</type><precision>3</precision><scale>0</scale></fields>
</CustomObject>`;

export const accountFields = `<CustomObject><fields><fullName>Tier__c</fullName><label>Tier</label><type>Text</type>
  <length>10</length></fields></CustomObject>`;

export const permissionSet = (field = 'Account.Tier__c') => `<PermissionSet><label>Badge Keeper</label>
  <userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions>
  <objectPermissions><allowCreate>true</allowCreate><allowDelete>false</allowDelete><allowEdit>true</allowEdit>
    <allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Badge__c</object>
    <viewAllRecords>false</viewAllRecords></objectPermissions>
  <fieldPermissions><editable>true</editable><field>Badge__c.Code__c</field><readable>true</readable></fieldPermissions>
  <fieldPermissions><editable>false</editable><field>${field}</field><readable>true</readable></fieldPermissions>
</PermissionSet>`;

export const wholePackage = packageZip(
  {
    CustomObject: ['Badge__c'],
    CustomField: ['Account.Tier__c'],
    PermissionSet: ['Badge_Keeper'],
    ReportType: ['Badges'],
  },
  {
    'objects/Badge__c.object': badgeObject,
    'objects/Account.object': accountFields,
    'permissionsets/Badge_Keeper.permissionset': permissionSet(),
    'reportTypes/Badges.reportType':
      '<ReportType><label>Badges</label><baseObject>Badge__c</baseObject></ReportType>',
  },
);
