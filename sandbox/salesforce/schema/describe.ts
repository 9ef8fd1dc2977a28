import { without } from '../../without.ts';
import type { Context } from '../context.ts';
import type { Field, FieldType, SObject } from './catalog.ts';

/** GET /sobjects: every object that the user may see, briefly. */
export function describeGlobal(ctx: Context): unknown {
  const visible = ctx.org.catalog
    .objects()
    .filter((sobject) => ctx.org.security.may(ctx.user, 'read', sobject));
  const sobjects = visible.map((sobject) => ({ ...traitsOf(ctx, sobject), urls: urlsOf(ctx, sobject) }));
  const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1);
  return { encoding: 'UTF-8', maxBatchSize: 200, sobjects: sobjects.sort(byName) };
}

/** GET /sobjects/Account/describe, as the user's field-level security shows the object. */
export function describeObject(ctx: Context, sobject: SObject): unknown {
  const { org, user } = ctx;
  const fields = sobject.fields.filter((field) => org.security.mayRead(user, sobject, field));
  return {
    actionOverrides: [],
    childRelationships: childRelationships(ctx, sobject),
    compactLayoutable: true,
    ...traitsOf(ctx, sobject),
    fields: fields.map((field) => describeField(ctx, sobject, field)),
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypeInfos(ctx, sobject),
    searchLayoutable: !withoutSearch.has(sobject.name),
    sobjectDescribeOption: 'FULL',
    supportedScopes: [
      { label: `All ${sobject.labelPlural.toLowerCase()}`, name: 'everything' },
      { label: `My ${sobject.labelPlural.toLowerCase()}`, name: 'mine' },
    ],
    urls: {
      ...urlsOf(ctx, sobject),
      uiDetailTemplate: `${ctx.origin}/{ID}`,
      uiEditTemplate: `${ctx.origin}/{ID}/e`,
      uiNewRecord: `${ctx.origin}/${sobject.keyPrefix}/e`,
    },
  };
}

const withoutSearch = new Set([
  'CaseHistory',
  'FieldPermissions',
  'ObjectPermissions',
  'QueueSobject',
  'GroupMember',
]);

function traitsOf({ org, user }: Context, sobject: SObject) {
  const { name, label, labelPlural, keyPrefix, custom } = sobject;
  const writable = (right: 'create' | 'edit' | 'delete') => org.security.may(user, right, sobject);
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: sobject.createable && writable('create'),
    custom,
    customSetting: false,
    deepCloneable: false,
    deletable: sobject.deletable && writable('delete'),
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix,
    label,
    labelPlural,
    layoutable: sobject.updateable,
    mergeable: ['Account', 'Contact', 'Lead', 'Case'].includes(name),
    mruEnabled: sobject.updateable,
    name,
    queryable: true,
    replicateable:
      sobject.field('SystemModstamp') !== undefined || sobject.field('CreatedDate') !== undefined,
    retrieveable: true,
    searchable: !withoutSearch.has(name) && sobject.nameField !== undefined,
    triggerable: sobject.createable,
    undeletable: sobject.undeletable && sobject.field('IsDeleted') !== undefined,
    updateable: sobject.updateable && writable('edit'),
  };
}

function urlsOf(ctx: Context, { name, createable }: SObject) {
  const base = `/services/data/v${ctx.apiVersion.toFixed(1)}/sobjects/${name}`;
  const layouts = createable
    ? { compactLayouts: `${base}/describe/compactLayouts`, layouts: `${base}/describe/layouts` }
    : {};
  return { ...layouts, rowTemplate: `${base}/{ID}`, describe: `${base}/describe`, sobject: base };
}

function childRelationships(ctx: Context, sobject: SObject): unknown[] {
  return ctx.org.catalog
    .children(sobject)
    .filter(
      ({ sobject: child, field }) =>
        ctx.org.security.may(ctx.user, 'read', child) && ctx.org.security.mayRead(ctx.user, child, field),
    )
    .map(({ sobject: child, field }) => ({
      cascadeDelete: field.cascadeDelete,
      childSObject: child.name,
      deprecatedAndHidden: false,
      field: field.name,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: field.childRelationshipName,
      restrictedDelete: field.restrictedDelete,
    }));
}

/** The object's record types, and at the end the master, which records without one have. */
function recordTypeInfos(ctx: Context, { name }: SObject) {
  const types = ctx.org.rules.of('recordType', name);
  const info = (type: { id: string; name: string; label: string; active: boolean }) => ({
    active: type.active,
    available: type.active,
    defaultRecordTypeMapping: type.id === master.id,
    developerName: type.name,
    master: type.id === master.id,
    name: type.label,
    recordTypeId: type.id,
    urls: {
      layout: `/services/data/v${ctx.apiVersion.toFixed(1)}/sobjects/${name}/describe/layouts/${type.id}`,
    },
  });
  return [...types, master].map(info);
}

const master = { id: '012000000000000AAA', name: 'Master', label: 'Master', active: true };

function describeField(ctx: Context, sobject: SObject, field: Field): unknown {
  const editable = ctx.org.security.mayEdit(ctx.user, sobject, field);
  return {
    ...without(field, 'computed', 'displayFormat', 'childRelationshipName', ...ownTraits),
    aggregatable: field.filterable,
    aiPredictionField: false,
    byteLength: bytesOf(field),
    calculatedFormula: field.formula,
    controllerName: null,
    createable: field.createable && editable,
    defaultValue: field.type === 'boolean' ? field.defaultValue === true : null,
    defaultValueFormula: field.defaultFormula,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? 8 : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    extraTypeInfo: extraTypeInfo(field),
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: field.formula !== null && field.formulaTreatBlanksAs === 'BlankAsZero',
    highScaleNumber: false,
    mask: null,
    maskType: null,
    namePointing: field.referenceTo.length > 1,
    picklistValues: field.picklistValues.map((value) => ({ ...value, validFor: null })),
    polymorphicForeignKey: field.referenceTo.length > 1,
    queryByDistance: false,
    referenceTargetField: null,
    relationshipOrder: null,
    searchPrefilterable: field.type === 'reference',
    soapType: soapTypes[field.type] ?? 'xsd:string',
    updateable: field.updateable && editable,
    writeRequiresMasterRead: false,
  };
}

const ownTraits = ['defaultFormula', 'trackHistory', 'formula', 'formulaTreatBlanksAs', 'summary'] as const;

const bytesOf = ({ type, length }: Field): number =>
  type === 'id' || type === 'reference' ? 18 : length * 3;

function extraTypeInfo({ type, length, compoundFieldName }: Field): string | null {
  if (compoundFieldName === 'Name') return 'personname';
  return type === 'textarea' && length > 255 ? 'plaintextarea' : null;
}

const soapTypes: Partial<Record<FieldType, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  long: 'xsd:long',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
  base64: 'xsd:base64Binary',
  address: 'urn:address',
};
