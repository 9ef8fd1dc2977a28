import { describe, expect, test } from 'vitest';

import {
  classOf,
  type ErrorClass,
  knownCodes,
  pauseAfter,
  responses,
} from '../../src/platform/salesforce/wire/error-classes.ts';
import { kindOf, toFailure } from '../../src/platform/salesforce/wire/errors.ts';

/** SALESFORCE.md section 3, and what the network and we ourselves say: code, message where it decides, class, kind. */
const catalogue: [string, string, string, ErrorClass, string][] = [
  ['E1', 'INVALID_SESSION_ID', 'Session expired or invalid', 'auth', 'auth'],
  ['E3', 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.', 'quota', 'quota'],
  ['E3', 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.', 'busy', 'retry'],
  ['E4', 'UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record or 1 records: 0035cFAKEIDAQBGAA4', 'lock', 'retry'],
  ['E5', 'DUPLICATES_DETECTED', 'Use one of these records?', 'duplicate', 'conflict'],
  ['E6', 'ENTITY_IS_DELETED', 'entity is deleted', 'deleted', 'terminal'],
  ['E7', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'No.', 'value', 'terminal'],
  ['E8', 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [Name]', 'value', 'terminal'],
  ['E9', 'DUPLICATE_VALUE', 'duplicate value found: Rapport_Id__c duplicates value on record with id: 001U000001c83gK', 'identity', 'conflict'],
  ['E9', 'DUPLICATE_VALUE', 'duplicate value found: Rapport_Code__c duplicates value on record with id: a00U000001c83gK', 'value', 'terminal'],
  ['E10', 'DUPLICATE_EXTERNAL_ID', 'Portal Id: more than one record found for external id field: [001..., 001...]', 'identity', 'conflict'],
  ['E10', 'MULTIPLE_CHOICES', 'Multiple records found', 'identity', 'conflict'],
  ['E11', 'INVALID_FIELD', 'Foreign key external ID: 1580 not found for field Codigo__c in entity User', 'request', 'terminal'],
  ['E12', 'INVALID_FIELD_FOR_INSERT_UPDATE', 'Unable to create/update fields: CH_UID__c.', 'access', 'terminal'],
  ['E13', 'STRING_TOO_LONG', 'data value too large: ... (max length=15)', 'value', 'terminal'],
  ['E14', 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'Industry: bad value for restricted picklist field: Foo', 'value', 'terminal'],
  ['E17', 'NOT_FOUND', 'The requested resource does not exist', 'reference', 'terminal'],
  ['E18', 'PRECONDITION_FAILED', 'modified', 'changed', 'conflict'],
  ['E19', 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', 'access', 'terminal'],
  ['E19', 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', '', 'access', 'terminal'],
  ['E19', 'API_DISABLED_FOR_ORG', '', 'auth', 'auth'],
  ['E19', 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', 'reference', 'terminal'],
  ['E20', 'MALFORMED_ID', 'Owner ID: id value of incorrect type: X', 'reference', 'terminal'],
  ['E21', 'SERVER_UNAVAILABLE', '', 'busy', 'retry'],
  ['E21', 'QUERY_TIMEOUT', 'Your query request was running for too long.', 'busy', 'retry'],
  ['E22', 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'X: execution of AfterInsert caused by: System.NullPointerException', 'automation', 'terminal'],
  ['E22', 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'X: caused by: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access', 'lock', 'retry'],
  ['E22', 'CANNOT_EXECUTE_FLOW_TRIGGER', 'We can’t save this record because …', 'automation', 'terminal'],
  ['E24', 'JSON_PARSER_ERROR', '', 'request', 'terminal'],
  ...['408', '420', '425', '429', '500', '502', '503', '504'].map(
    (status): [string, string, string, ErrorClass, string] => ['HTTP', `ERROR_HTTP_${status}`, '', 'busy', 'retry'],
  ),
  ['HTTP', 'ERROR_HTTP_520', '', 'busy', 'retry'],
  ['net', 'UNREACHABLE', 'Salesforce did not answer (ECONNRESET)', 'busy', 'retry'],
  ['ours', 'BUDGET_SHED', '', 'quota', 'quota'],
  ['new', 'A_CODE_OF_NEXT_YEAR', '', 'request', 'terminal'],
]; // prettier-ignore

test.each(catalogue)('%s %s "%s" is %s, and so %s', (...[, code, message, name, kind]) => {
  expect(classOf(code, message)).toBe(name);
  expect(kindOf(code, message)).toBe(kind);
  expect(responses[name].kind).toBe(kind);
});

test('each code has one class', () => {
  expect(knownCodes.size).toBeGreaterThan(70);
  for (const [code, name] of knownCodes)
    expect(['DUPLICATE_VALUE', name]).toContain(
      classOf(code, code === 'DUPLICATE_VALUE' ? 'Rapport_Id__c' : ''),
    );
});

describe('pauses', () => {
  test('are drawn by lot from none to a doubling most, up to a limit', () => {
    expect(pauseAfter('lock', 1, 0)).toBe(0);
    expect(pauseAfter('lock', 1, 1)).toBe(2);
    expect(pauseAfter('lock', 4, 0.5)).toBe(8);
    expect(pauseAfter('lock', 40, 1)).toBe(60);
  });

  test('end where a person has to act', () => {
    for (const name of ['value', 'access', 'deleted', 'reference', 'automation', 'request'] as const)
      expect(responses[name].attempts).toBe(1);
    for (const name of ['quota', 'auth'] as const) expect(responses[name].attempts).toBe(Infinity);
  });
});

test('what may have been carried out is told from what was not', () => {
  const error = (given: object) => Object.assign(new Error('…'), given);
  expect(toFailure(error({ errorCode: 'ERROR_HTTP_502' })).isAmbiguous).toBe(true);
  expect(toFailure(error({ errorCode: 'UNABLE_TO_LOCK_ROW' })).isAmbiguous).toBe(false);
  expect(toFailure(error({ code: 'ECONNRESET' })).isAmbiguous).toBe(true);
  expect(toFailure(error({ code: 'ECONNREFUSED' })).isAmbiguous).toBe(false);
  const several = [
    { errorCode: 'REQUIRED_FIELD_MISSING', message: 'Required' },
    { errorCode: 'STRING_TOO_LONG', message: 'Long' },
  ];
  expect(toFailure(error({ errorCode: 'MULTIPLE_API_ERRORS', data: several }))).toMatchObject({
    code: 'REQUIRED_FIELD_MISSING',
    message: 'Required',
  });
});
