import { without } from '../../without.ts';

import type { DataCall } from './call.ts';
import type { Xml } from './envelope.ts';

type Json = Record<string, unknown>;

interface Answer {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: Json[];
}

/** A page of a query in SOAP's words. */
export const queryResult = (call: DataCall, { totalSize, done, nextRecordsUrl, records }: Answer): Xml => ({
  '@xsi:type': 'QueryResult',
  done,
  queryLocator: nextRecordsUrl?.split('/').at(-1) ?? null,
  records: records.map((record) => recordXml(call, record)),
  size: totalSize,
});

/**
 * A record: in the partner API of the generic type, its id first and once more where it was asked for; in the enterprise API
 * of its object's own type.
 */
export function recordXml(call: DataCall, record: Json): Xml {
  const { attributes, ...values } = record as Json & { attributes: { type: string } };
  const fields = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`sf:${name}`, valueXml(call, { type: attributes.type, name, value })]),
  );
  if (call.api === 'c') return { '@xsi:type': `sf:${attributes.type}`, ...inOrder(fields) };
  const id = typeof values.Id === 'string' ? values.Id : null;
  return { '@xsi:type': 'sf:sObject', 'sf:type': attributes.type, 'sf:Id': id === null ? null : [id, id], ...without(fields, 'sf:Id') };
} // prettier-ignore

/** As the enterprise WSDL has them: the id, then all else by name. */
function inOrder(fields: Record<string, Xml>): Record<string, Xml> {
  const rank = (name: string) => (name === 'sf:Id' ? '' : name);
  return Object.fromEntries(
    Object.entries(fields).sort(([one], [other]) => (rank(one) < rank(other) ? -1 : 1)),
  );
}

interface Given {
  type: string;
  name: string;
  value: unknown;
}

function valueXml(call: DataCall, given: Given): Xml {
  const { value } = given;
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return scalarXml(call, given);
  const object = value as Json;
  if (Array.isArray(object.records)) return queryResult(call, object as unknown as Answer);
  if ('attributes' in object) return recordXml(call, object);
  return { '@xsi:type': 'address', ...(object as Record<string, Xml>) };
}

function scalarXml({ ctx }: DataCall, { type, name, value }: Given): Xml {
  const field = ctx.org.catalog.find(type)?.field(name);
  const text = String(value);
  const isMoment = field ? field.type === 'datetime' : /^\d{4}-\d\d-\d\dT[\d:.]+\+0000$/.test(text);
  const shown = isMoment ? text.replace(/\+0000$/, 'Z') : text;
  if (type !== 'AggregateResult') return shown;
  return { '@xsi:type': aggregateType(value, isMoment), '#text': shown };
}

/** Aggregates alone say which type a value has. */
function aggregateType(value: unknown, isMoment: boolean): string {
  if (typeof value === 'boolean') return 'xsd:boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'xsd:int' : 'xsd:double';
  return isMoment ? 'xsd:dateTime' : 'xsd:string';
}

/** What describe tells of a field or an object, its elements in the order of the WSDL: that of their names. */
export function describeXml(value: unknown): Xml {
  if (Array.isArray(value)) return value.map(describeXml);
  if (typeof value !== 'object' || value === null) return value as Xml;
  const entries = Object.entries(value)
    .filter(([name, each]) => each !== null && !notInSoap.has(name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(
    entries.map(([name, each]) => [name, name === 'defaultValue' ? typed(each) : describeXml(each)]),
  );
}

/** A default may be of any type, so it says which; a picklist's values only say whether they are it. */
const typed = (value: unknown): Xml =>
  typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string'
    ? { '@xsi:type': aggregateType(value, false), '#text': value }
    : describeXml(value);

/** What REST alone tells. */
const notInSoap = new Set([
  'urls',
  'sobjectDescribeOption',
  'listviewable',
  'lookupLayoutable',
  'referenceTargetField',
]);
