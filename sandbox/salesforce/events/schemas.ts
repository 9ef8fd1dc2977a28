import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { Params, RestAnswer, RestRequest } from '../rest/dispatch.ts';
import { ok } from '../rest/dispatch.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { changeEventOf, hasChangeEvents, sobjectOfChangeEvent } from './entities.ts';
import { bodyOf, schemaId } from './payload.ts';
import { isPlatformEvent } from './platform-events.ts';

/** GET /sobjects/AccountChangeEvent/eventSchema */
export function getEventSchema(
  { org }: Context,
  _request: RestRequest,
  { sobject: name = '' }: Params,
): RestAnswer {
  const sobject = isPlatformEvent(name) ? org.catalog.find(name) : sobjectOfChangeEvent(org.catalog, name);
  if (!sobject) throw notFound();
  return ok(schemaOf(sobject));
}

/** GET /event/eventSchema/IeRuaY6cbI_HsV8Rv1Mc5g */
export function getSchemaById({ org }: Context, _request: RestRequest, { id = '' }: Params): RestAnswer {
  const sobject = org.catalog.objects().find((each) => schemaId(each) === id);
  if (!sobject || !(isPlatformEvent(sobject.name) || hasChangeEvents(sobject))) throw notFound();
  return ok(schemaOf(sobject));
}

/** The Avro schema of an event's payload. */
function schemaOf(sobject: SObject): object {
  const isPublished = isPlatformEvent(sobject.name);
  const values = Object.fromEntries(sobject.fields.map(({ name }) => [name, null]));
  const carried = Object.entries(bodyOf(sobject, values)).map(([name, parts]) =>
    typeof parts !== 'object' || parts === null
      ? fieldOf(sobject.field(name), name)
      : { name, type: ['null', { type: 'record', name, fields: Object.keys(parts).map((part) => fieldOf(undefined, part)) }], default: null },
  ); // prettier-ignore
  return {
    name: isPublished ? sobject.name : changeEventOf(sobject.name),
    namespace: 'com.sforce.eventbus',
    type: 'record',
    fields: [...(isPublished ? [] : [header]), ...carried],
    uuid: schemaId(sobject),
  };
}

const fieldOf = (field: Field | undefined, name: string): object => ({
  name,
  type: ['null', avroTypes[field?.type ?? 'string'] ?? 'string'],
  doc: `Data:${field?.type ?? 'string'}`,
  default: null,
});

const avroTypes: Partial<Record<Field['type'], string>> = {
  boolean: 'boolean',
  int: 'int',
  long: 'long',
  double: 'double',
  currency: 'double',
  percent: 'double',
  datetime: 'long',
  date: 'long',
};

const list = { type: 'array', items: 'string' };

const header = {
  name: 'ChangeEventHeader',
  type: {
    type: 'record',
    name: 'ChangeEventHeader',
    fields: [
      { name: 'entityName', type: 'string' },
      { name: 'recordIds', type: list },
      {
        name: 'changeType',
        type: {
          type: 'enum',
          name: 'ChangeType',
          symbols: ['CREATE', 'UPDATE', 'DELETE', 'UNDELETE', 'GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW', 'SNAPSHOT'],
        },
      },
      { name: 'changeOrigin', type: 'string' },
      { name: 'transactionKey', type: 'string' },
      { name: 'sequenceNumber', type: 'int' },
      { name: 'commitTimestamp', type: 'long' },
      { name: 'commitNumber', type: 'long' },
      { name: 'commitUser', type: 'string' },
      { name: 'nulledFields', type: list },
      { name: 'diffFields', type: list },
      { name: 'changedFields', type: list },
    ],
  },
}; // prettier-ignore
