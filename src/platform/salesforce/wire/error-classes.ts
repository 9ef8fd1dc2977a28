/** What can be done about a refusal. `duplicate` and `identity` wait for a person's choice; `changed` is read and weighed again. */
export type ErrorClass =
  | 'lock' | 'busy' | 'quota' | 'auth' | 'changed' | 'duplicate' | 'identity' | 'deleted' | 'reference'
  | 'value' | 'access' | 'automation' | 'request'; // prettier-ignore

/**
 * What a refusal of Salesforce means for us. `retry`: the same again, later. `quota`: the org's API budget is spent.
 * `auth`: our access needs attention. `conflict`: somebody has to choose, or to look again. `terminal`: a person must mend it.
 */
export type FailureKind = 'retry' | 'quota' | 'auth' | 'conflict' | 'terminal';

/** What happens to a row that was refused in this way. */
export interface Response {
  kind: FailureKind;
  /** Seconds of the first pause; each further one may be twice as long, any share of it is taken by lot (full jitter). */
  pause: number;
  /** No pause is longer. */
  longest: number;
  /** So often it is tried before a person is asked; an outage of the whole line never counts above the line's own limit. */
  attempts: number;
}

const never = { pause: 0, longest: 0, attempts: 1 };

/** The answer to each class: the only place that decides it. */
export const responses: Readonly<Record<ErrorClass, Response>> = {
  lock: { kind: 'retry', pause: 1, longest: 60, attempts: 12 },
  busy: { kind: 'retry', pause: 2, longest: 300, attempts: 12 },
  quota: { kind: 'quota', pause: 60, longest: 900, attempts: Infinity },
  auth: { kind: 'auth', pause: 10, longest: 300, attempts: Infinity },
  changed: { kind: 'conflict', pause: 0.5, longest: 10, attempts: 12 },
  duplicate: { kind: 'conflict', ...never },
  identity: { kind: 'conflict', ...never },
  deleted: { kind: 'terminal', ...never },
  reference: { kind: 'terminal', ...never },
  value: { kind: 'terminal', ...never },
  access: { kind: 'terminal', ...never },
  automation: { kind: 'terminal', ...never },
  request: { kind: 'terminal', ...never },
};

/** Salesforce's error codes (Object Reference, "Status Codes"; SALESFORCE.md section 3), the network's and our own. */
const classes: Readonly<Record<ErrorClass, readonly string[]>> = {
  lock: ['UNABLE_TO_LOCK_ROW', 'ROW_LOCKED'],
  busy: [
    'SERVER_UNAVAILABLE', 'QUERY_TIMEOUT', 'INVALID_QUERY_LOCATOR', 'UNKNOWN_EXCEPTION', 'TXN_SECURITY_METERING_ERROR',
    'ERROR_HTTP_408', 'ERROR_HTTP_420', 'ERROR_HTTP_425', 'ERROR_HTTP_429', 'ERROR_HTTP_500', 'ERROR_HTTP_502', 'ERROR_HTTP_503',
    'ERROR_HTTP_504', 'ALL_OR_NONE_OPERATION_ROLLED_BACK', 'PROCESSING_HALTED', 'REQUEST_RUNNING_TOO_LONG', 'UNREACHABLE', 'TIMEOUT',
  ],
  quota: ['REQUEST_LIMIT_EXCEEDED', 'STORAGE_LIMIT_EXCEEDED', 'BUDGET_EXHAUSTED', 'BUDGET_SHED', 'HOURLY_CEILING'],
  auth: [
    'INVALID_SESSION_ID', 'API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED', 'INVALID_LOGIN', 'NO_SESSION', 'ERROR_HTTP_401',
    'INVALID_AUTH_HEADER', 'ORG_LOCKED', 'PASSWORD_LOCKOUT', 'SERVER_UNAVAILABLE_FOR_MAINTENANCE',
  ],
  changed: ['PRECONDITION_FAILED', 'ERROR_HTTP_412', 'JUST_CHANGED'],
  duplicate: ['DUPLICATES_DETECTED'],
  identity: ['DUPLICATE_VALUE', 'DUPLICATE_EXTERNAL_ID', 'ERROR_HTTP_300', 'MULTIPLE_CHOICES'],
  deleted: ['ENTITY_IS_DELETED', 'DELETED_IN_SALESFORCE'],
  reference: ['INVALID_CROSS_REFERENCE_KEY', 'NOT_FOUND', 'MALFORMED_ID', 'INVALID_ID_FIELD', 'PARENT_GIVEN_UP', 'ERROR_HTTP_404'],
  value: [
    'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'REQUIRED_FIELD_MISSING', 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'STRING_TOO_LONG',
    'INVALID_EMAIL_ADDRESS', 'NUMBER_OUTSIDE_VALID_RANGE', 'FIELD_FILTER_VALIDATION_EXCEPTION', 'INVALID_TYPE_ON_FIELD_IN_RECORD',
    'FIELD_INTEGRITY_EXCEPTION', 'DEPENDENCY_EXISTS', 'INVALID_STATUS', 'BAD_CUSTOM_ENTITY_PARENT_DOMAIN',
  ],
  access: [
    'INVALID_FIELD_FOR_INSERT_UPDATE', 'INSUFFICIENT_ACCESS_OR_READONLY', 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
    'INSUFFICIENT_ACCESS', 'CANNOT_UPDATE_CONVERTED_LEAD', 'TRANSFER_REQUIRES_READ', 'ERROR_HTTP_403',
  ],
  automation: [
    'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'CANNOT_EXECUTE_FLOW_TRIGGER', 'APEX_ERROR', 'TOO_MANY_APEX_REQUESTS', 'SELF_REFERENCE_FROM_TRIGGER',
  ],
  request: ['INVALID_FIELD', 'INVALID_TYPE', 'JSON_PARSER_ERROR', 'MALFORMED_QUERY', 'METHOD_NOT_ALLOWED', 'INTERNAL', 'UNKNOWN_ERROR'],
}; // prettier-ignore

const classByCode = new Map(
  Object.entries(classes).flatMap(([name, codes]) =>
    codes.map((code) => [code, name as ErrorClass] as const),
  ),
);

/** Every code that the table knows, for tests to go through. */
export const knownCodes: ReadonlyMap<string, ErrorClass> = classByCode;

/** Salesforce speaks of some things in the message alone: too many calls at once, a lock that an org's own trigger met. */
const toldInMessage: readonly { code: string; pattern: RegExp; as: ErrorClass }[] = [
  { code: 'REQUEST_LIMIT_EXCEEDED', pattern: /^Concurrent/, as: 'busy' },
  { code: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', pattern: /UNABLE_TO_LOCK_ROW|unable to obtain exclusive access/, as: 'lock' },
  { code: 'CANNOT_EXECUTE_FLOW_TRIGGER', pattern: /UNABLE_TO_LOCK_ROW|unable to obtain exclusive access/, as: 'lock' },
  { code: 'DUPLICATE_VALUE', pattern: /^(?!.*Rapport_Id__c)/, as: 'value' },
  { code: 'INVALID_CROSS_REFERENCE_KEY', pattern: /\bdeleted\b/i, as: 'deleted' },
]; // prettier-ignore

/** The class of an error, by its code and, where that is not enough, its message. What nobody knows a person must look at. */
export function classOf(code: string, message = ''): ErrorClass {
  const told = toldInMessage.find((one) => one.code === code && one.pattern.test(message));
  return told?.as ?? classByCode.get(code) ?? (/^ERROR_HTTP_5\d\d$/.test(code) ? 'busy' : 'request');
}

/** Seconds until the next attempt: by lot between none and twice as much each time (full jitter), so that rivals don't meet again. */
export function pauseAfter(name: ErrorClass, attempts: number, lot = Math.random()): number {
  const { pause, longest } = responses[name];
  return Math.min(longest, pause * 2 ** Math.min(attempts, 30)) * lot;
}
