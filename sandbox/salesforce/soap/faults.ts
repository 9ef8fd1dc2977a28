import type { ApiError } from '../errors.ts';
import { element } from './envelope.ts';

/** Names of faults by their code, as the WSDL has them; all others are unexpected. */
const types: Record<string, string> = {
  INVALID_FIELD: 'InvalidFieldFault',
  INVALID_TYPE: 'InvalidSObjectFault',
  MALFORMED_QUERY: 'MalformedQueryFault',
  MALFORMED_SEARCH: 'MalformedSearchFault',
  INVALID_QUERY_LOCATOR: 'InvalidQueryLocatorFault',
  INVALID_QUERY_FILTER_OPERATOR: 'InvalidFieldFault',
  MALFORMED_ID: 'InvalidIdFault',
  INVALID_ID_FIELD: 'InvalidIdFault',
  INVALID_CROSS_REFERENCE_KEY: 'InvalidIdFault',
  INVALID_LOGIN: 'LoginFault',
  INVALID_NEW_PASSWORD: 'InvalidNewPasswordFault',
};

/** Faults that say where in a query something is wrong. */
const placed = new Set([
  'InvalidFieldFault',
  'InvalidSObjectFault',
  'MalformedQueryFault',
  'MalformedSearchFault',
]);

/** A fault as Salesforce words it: `INVALID_FIELD: …`, and once more in parts. */
export interface Fault {
  code: string;
  text: string;
  /** The XML of its detail. */
  detail: string;
}

export function faultOf(error: ApiError, namespace: string): Fault {
  const { errorCode, message } = error;
  const type = types[errorCode] ?? 'UnexpectedErrorFault';
  const [, row = '-1', column = '-1'] = /ERROR at Row:(\d+):Column:(\d+)/.exec(message) ?? [];
  const detail = element(`sf:${type}`, {
    '@xsi:type': `sf:${type}`,
    '@xmlns:sf': namespace,
    'sf:exceptionCode': errorCode,
    'sf:exceptionMessage': message,
    ...(placed.has(type) && { 'sf:row': row, 'sf:column': column }),
  });
  return { code: `sf:${errorCode}`, text: `${errorCode}: ${message}`, detail };
}
