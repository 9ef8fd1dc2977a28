import { describeGlobal, describeObject } from '../schema/describe.ts';
import { namespaces } from './call.ts';
import { describeXml } from './records.ts';

import type { Context } from '../context.ts';
import type { Field, SObject } from '../schema/catalog.ts';

/** An element of a type: `name:type` and how often it comes: `?` perhaps, `*` any number of times, `~` nil perhaps. */
type Elements = string;

/** Types of both APIs. */
const types: Record<string, Elements> = {
  AllOrNoneHeader: 'allOrNone:boolean',
  AssignmentRuleHeader: 'assignmentRuleId:ID~ useDefaultRule:boolean~',
  CallOptions: 'client:string~ defaultNamespace:string~',
  DuplicateRuleHeader: 'allowSave:boolean includeRecordDetails:boolean? runAsCurrentUser:boolean?',
  LimitInfoHeader: 'limitInfo:LimitInfo*',
  LimitInfo: 'current:int limit:int type:string',
  QueryOptions: 'batchSize:int~',
  SessionHeader: 'sessionId:string',
  LoginResult: 'metadataServerUrl:string~ passwordExpired:boolean sandbox:boolean serverUrl:string~ sessionId:string~ userId:ID~ userInfo:GetUserInfoResult?',
  GetUserInfoResult: 'accessibilityMode:boolean chatterExternal:boolean currencySymbol:string~ orgAttachmentFileSizeLimit:int orgDefaultCurrencyIsoCode:string~ orgDefaultCurrencyLocale:string~ orgDisallowHtmlAttachments:boolean orgHasPersonAccounts:boolean organizationId:ID organizationMultiCurrency:boolean organizationName:string profileId:ID roleId:ID~ sessionSecondsValid:int userDefaultCurrencyIsoCode:string~ userEmail:string userFullName:string userId:ID userLanguage:string userLocale:string userName:string userTimeZone:string userType:string userUiSkin:string',
  GetServerTimestampResult: 'timestamp:dateTime',
  SetPasswordResult: '',
  ResetPasswordResult: 'password:string',
  InvalidateSessionsResult: 'success:boolean',
  Error: 'fields:string* message:string statusCode:string',
  SaveResult: 'errors:Error* id:ID~ success:boolean',
  UpsertResult: 'created:boolean errors:Error* id:ID~ success:boolean',
  DeleteResult: 'errors:Error* id:ID~ success:boolean',
  UndeleteResult: 'errors:Error* id:ID~ success:boolean',
  EmptyRecycleBinResult: 'errors:Error* id:ID~ success:boolean',
  MergeRequest: 'masterRecord:sObject recordToMergeIds:ID*',
  MergeResult: 'errors:Error* id:ID~ mergedRecordIds:ID* success:boolean updatedRelatedIds:ID*',
  LeadConvert: 'accountId:ID~ contactId:ID~ convertedStatus:string doNotCreateOpportunity:boolean leadId:ID opportunityName:string~ overwriteLeadSource:boolean ownerId:ID~ sendNotificationEmail:boolean',
  LeadConvertResult: 'accountId:ID~ contactId:ID~ errors:Error* leadId:ID~ opportunityId:ID~ success:boolean',
  QueryResult: 'done:boolean queryLocator:string~ records:sObject* size:int',
  SearchResult: 'searchRecords:SearchRecord*',
  SearchRecord: 'record:sObject',
  GetUpdatedResult: 'ids:ID* latestDateCovered:dateTime',
  GetDeletedResult: 'deletedRecords:DeletedRecord* earliestDateAvailable:dateTime latestDateCovered:dateTime',
  DeletedRecord: 'deletedDate:dateTime id:ID',
  address: 'city:string~ country:string~ geocodeAccuracy:string~ latitude:double~ longitude:double~ postalCode:string~ state:string~ street:string~',
}; // prettier-ignore

/** Operations: what they take, and what each of their results is. */
const operations: Record<string, [request: Elements, result: Elements]> = {
  login: ['username:string password:string', 'result:LoginResult'],
  logout: ['', ''],
  invalidateSessions: ['sessionIds:string*', 'result:InvalidateSessionsResult*'],
  getUserInfo: ['', 'result:GetUserInfoResult'],
  getServerTimestamp: ['', 'result:GetServerTimestampResult'],
  setPassword: ['userId:ID password:string', 'result:SetPasswordResult'],
  resetPassword: ['userId:ID', 'result:ResetPasswordResult'],
  create: ['sObjects:sObject*', 'result:SaveResult*'],
  update: ['sObjects:sObject*', 'result:SaveResult*'],
  upsert: ['externalIDFieldName:string sObjects:sObject*', 'result:UpsertResult*'],
  delete: ['ids:ID*', 'result:DeleteResult*'],
  undelete: ['ids:ID*', 'result:UndeleteResult*'],
  emptyRecycleBin: ['ids:ID*', 'result:EmptyRecycleBinResult*'],
  merge: ['request:MergeRequest*', 'result:MergeResult*'],
  convertLead: ['leadConverts:LeadConvert*', 'result:LeadConvertResult*'],
  retrieve: ['fieldList:string sObjectType:string ids:ID*', 'result:sObject*~'],
  query: ['queryString:string', 'result:QueryResult'],
  queryAll: ['queryString:string', 'result:QueryResult'],
  queryMore: ['queryLocator:string', 'result:QueryResult'],
  search: ['searchString:string', 'result:SearchResult'],
  describeSObject: ['sObjectType:string', 'result:DescribeSObjectResult~'],
  describeSObjects: ['sObjectType:string*', 'result:DescribeSObjectResult*~'],
  describeGlobal: ['', 'result:DescribeGlobalResult'],
  getUpdated: ['sObjectType:string startDate:dateTime endDate:dateTime', 'result:GetUpdatedResult'],
  getDeleted: ['sObjectType:string startDate:dateTime endDate:dateTime', 'result:GetDeletedResult'],
};

const headers = [
  'SessionHeader',
  'CallOptions',
  'QueryOptions',
  'AllOrNoneHeader',
  'DuplicateRuleHeader',
  'AssignmentRuleHeader',
];
const simple = new Set(['string', 'boolean', 'int', 'double', 'dateTime', 'date', 'time', 'base64Binary']);

/** The WSDL of the partner API (`u`), or of the enterprise API with the org's objects as the user sees them (`c`). */
export function wsdlOf(ctx: Context, api: 'u' | 'c'): string {
  const { api: main, sobject } = namespaces[api];
  const all = { ...types, ...describedTypes(ctx) };
  const schema = [
    `<schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="${sobject}"><import namespace="${main}"/>${sobjectTypes(ctx, api)}</schema>`,
    `<schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="${main}"><import namespace="${sobject}"/>`,
    '<simpleType name="ID"><restriction base="xsd:string"><length value="18"/></restriction></simpleType>',
    ...Object.entries(all).map(([name, elements]) => complexType(name, elements)),
    '<complexType name="DuplicateError"><complexContent><extension base="tns:Error"><sequence><any processContents="lax" minOccurs="0" maxOccurs="unbounded"/></sequence></extension></complexContent></complexType>',
    ...[...headers, 'LimitInfoHeader'].map((name) => `<element name="${name}" type="tns:${name}"/>`),
    ...Object.entries(operations).flatMap(([name, [request, result]]) => [
      `<element name="${name}"><complexType>${sequence(request)}</complexType></element>`,
      `<element name="${name}Response"><complexType>${sequence(result)}</complexType></element>`,
    ]),
    '</schema>',
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions targetNamespace="${main}" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="${main}" xmlns:ens="${sobject}">
<types>${schema.join('\n')}</types>
${bindings(`${ctx.origin}/services/Soap/${api}/${ctx.apiVersion.toFixed(1)}`)}
</definitions>
`;
}

function bindings(address: string): string {
  const names = Object.keys(operations);
  const messages = names.flatMap((name) => [
    `<message name="${name}Request"><part element="tns:${name}" name="parameters"/></message>`,
    `<message name="${name}Response"><part element="tns:${name}Response" name="parameters"/></message>`,
  ]);
  const ports = names.map(
    (name) => `<operation name="${name}"><input message="tns:${name}Request"/><output message="tns:${name}Response"/></operation>`,
  );
  const header = (name: string) => `<soap:header use="literal" message="tns:Header" part="${name}"/>`;
  const bound = names.map(
    (name) =>
      `<operation name="${name}"><soap:operation soapAction=""/><input>${headers.map(header).join('')}<soap:body use="literal" parts="parameters"/></input><output>${header('LimitInfoHeader')}<soap:body use="literal"/></output></operation>`,
  );
  const parts = [...headers, 'LimitInfoHeader'].map((name) => `<part element="tns:${name}" name="${name}"/>`);
  return [
    `<message name="Header">${parts.join('')}</message>`,
    ...messages,
    `<portType name="Soap">${ports.join('')}</portType>`,
    `<binding name="SoapBinding" type="tns:Soap"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>${bound.join('')}</binding>`,
    `<service name="SforceService"><port binding="tns:SoapBinding" name="Soap"><soap:address location="${address}"/></port></service>`,
  ].join('\n');
} // prettier-ignore

const complexType = (name: string, elements: Elements): string =>
  `<complexType name="${name}">${sequence(elements)}</complexType>`;

function sequence(elements: Elements): string {
  const each = elements.split(' ').filter(Boolean).map((text) => {
    const [, name = '', type = '', marks = ''] = /^(\w+):(\w+)([?*~]*)$/.exec(text) ?? [];
    const least = /[?*]/.test(marks) ? ' minOccurs="0"' : '';
    const most = marks.includes('*') ? ' maxOccurs="unbounded"' : '';
    return `<element name="${name}" type="${qualified(type)}"${least}${most}${marks.includes('~') ? ' nillable="true"' : ''}/>`;
  });
  return `<sequence>${each.join('')}</sequence>`;
} // prettier-ignore

function qualified(type: string): string {
  if (type === 'sObject') return 'ens:sObject';
  return simple.has(type) ? `xsd:${type}` : `tns:${type}`;
}

function sobjectTypes(ctx: Context, api: 'u' | 'c'): string {
  if (api === 'u')
    return '<complexType name="sObject"><sequence><element name="type" type="xsd:string"/><element name="fieldsToNull" type="xsd:string" nillable="true" minOccurs="0" maxOccurs="unbounded"/><element name="Id" type="tns:ID" nillable="true"/><any namespace="##targetNamespace" minOccurs="0" maxOccurs="unbounded" processContents="lax"/></sequence></complexType>';
  const objects = ctx.org.catalog.objects().filter((sobject) => ctx.org.security.may(ctx.user, 'read', sobject));
  const own = objects.map((sobject) => {
    const fields = sobject.fields.filter((field) => field.type !== 'id' && ctx.org.security.mayRead(ctx.user, sobject, field));
    return `<complexType name="${sobject.name}"><complexContent><extension base="ens:sObject"><sequence>${elementsOf(ctx, sobject, fields)}</sequence></extension></complexContent></complexType>`;
  });
  return `<complexType name="sObject"><sequence><element name="fieldsToNull" type="xsd:string" nillable="true" minOccurs="0" maxOccurs="unbounded"/><element name="Id" type="tns:ID" nillable="true" minOccurs="0"/></sequence></complexType>${own.join('\n')}`;
} // prettier-ignore

/** A reference comes with the parent that it names, an object with its children: all of it in the order of the names. */
function elementsOf(ctx: Context, sobject: SObject, fields: Field[]): string {
  const own = fields.flatMap((field) => {
    const [only] = field.referenceTo;
    const target = field.referenceTo.length === 1 ? ctx.org.catalog.find(only ?? '')?.name : undefined;
    const parent: [string, string][] = field.relationshipName === null ? [] : [[field.relationshipName, `ens:${target ?? 'sObject'}`]];
    return [...parent, [field.name, fieldType(field)] as [string, string]];
  });
  const children = ctx.org.catalog.children(sobject).flatMap(({ field }): [string, string][] =>
    field.childRelationshipName === null ? [] : [[field.childRelationshipName, 'tns:QueryResult']],
  );
  const all = new Map([...own, ...children]);
  const sorted = [...all].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([name, type]) => `<element name="${name}" nillable="true" minOccurs="0" type="${type}"/>`).join('');
} // prettier-ignore

function fieldType(field: Field): string {
  const plain: Partial<Record<Field['type'], string>> = {
    reference: 'tns:ID', boolean: 'xsd:boolean', int: 'xsd:int', long: 'xsd:long', double: 'xsd:double', currency: 'xsd:double',
    percent: 'xsd:double', date: 'xsd:date', datetime: 'xsd:dateTime', time: 'xsd:time', base64: 'xsd:base64Binary', address: 'tns:address',
  }; // prettier-ignore
  return plain[field.type] ?? 'xsd:string';
}

/** What describe calls answer, read off what they answer in this org: of an element that isn't always there, every use counts. */
function describedTypes(ctx: Context): Record<string, Elements> {
  const found: Record<string, Elements> = {};
  const objects = ctx.org.catalog
    .objects()
    .filter((sobject) => ctx.org.security.may(ctx.user, 'read', sobject));
  const described = objects.map((sobject) => ({
    ...(describeXml(describeObject(ctx, sobject)) as object),
    urlDetail: '',
    urlEdit: '',
    urlNew: '',
  }));
  learn(found, 'DescribeSObjectResult', described);
  learn(found, 'DescribeGlobalResult', [describeXml(describeGlobal(ctx))]);
  return found;
}

function learn(found: Record<string, Elements>, name: string, samples: unknown[]): void {
  const objects = samples as Record<string, unknown>[];
  const keys = [...new Set(objects.flatMap((each) => Object.keys(each)))].sort();
  found[name] = keys.map((key) => {
    const values = objects.map((each) => each[key]).filter((value) => value !== undefined);
    const list = values.some((value) => Array.isArray(value));
    const type = learnt(found, `${name}_${key}`, values.flat());
    return `${key}:${type}${list ? '*' : '?'}`;
  }).join(' ');
} // prettier-ignore

function learnt(found: Record<string, Elements>, name: string, values: unknown[]): string {
  if (values.some((value) => typeof value === 'object' && value !== null)) {
    learn(found, name, values);
    return name;
  }
  if (values.some((value) => typeof value === 'string') || values.length === 0) return 'string';
  return values.some((value) => typeof value === 'number') ? 'int' : 'boolean';
}
