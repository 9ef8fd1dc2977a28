import { Unavailable } from '../errors.ts';

/**
 * What a refusal of Salesforce means for us. `retry`: the same again, later. `quota`: the org's API budget is spent.
 * `auth`: our access needs attention. `conflict`: somebody changed the record meanwhile. `terminal`: a person must mend it.
 */
export type FailureKind = 'retry' | 'quota' | 'auth' | 'conflict' | 'terminal';

/** A call to Salesforce that failed, in its own words. */
export class SalesforceFailure extends Unavailable {
  readonly kind: FailureKind;
  /** Salesforce's errorCode, or the network's. */
  readonly code: string;
  /** The request may have been carried out although no answer came. */
  readonly isAmbiguous: boolean;

  constructor(
    code: string,
    message: string,
    options: { kind?: FailureKind; isAmbiguous?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.kind = options.kind ?? kindOf(code);
    this.isAmbiguous = options.isAmbiguous ?? false;
  }
}

const passing = new Set([
  'UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE', 'QUERY_TIMEOUT', 'INVALID_QUERY_LOCATOR', 'UNKNOWN_EXCEPTION',
  'TXN_SECURITY_METERING_ERROR', 'ERROR_HTTP_420', 'ERROR_HTTP_429', 'ERROR_HTTP_500', 'ERROR_HTTP_502',
  'ERROR_HTTP_503', 'ERROR_HTTP_504', 'ALL_OR_NONE_OPERATION_ROLLED_BACK', 'PROCESSING_HALTED', 'UNREACHABLE', 'TIMEOUT',
]); // prettier-ignore

const ofAccess = new Set([
  'INVALID_SESSION_ID', 'API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED', 'INVALID_LOGIN', 'NO_SESSION',
  'ERROR_HTTP_401',
]); // prettier-ignore

/** The class of an errorCode, whether it came with a whole answer or with one row of a collection. */
export function kindOf(code: string): FailureKind {
  if (passing.has(code)) return 'retry';
  if (code === 'REQUEST_LIMIT_EXCEEDED') return 'quota';
  if (code === 'PRECONDITION_FAILED' || code === 'ERROR_HTTP_412') return 'conflict';
  return ofAccess.has(code) ? 'auth' : 'terminal';
}

/** Codes of calls that surely never arrived. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** Any failure around a call, put into our terms. A bug of ours is terminal: trying again does not mend it. */
export function toFailure(error: unknown): SalesforceFailure {
  if (error instanceof SalesforceFailure) return error;
  const { message, errorCode, cause } = error as { message: string; errorCode?: string; cause?: unknown };
  if (errorCode !== undefined) {
    const isAmbiguous = errorCode.startsWith('ERROR_HTTP_5') || errorCode === 'SERVER_UNAVAILABLE';
    return new SalesforceFailure(errorCode, message, { cause: error, isAmbiguous });
  }
  if (cause instanceof SalesforceFailure) return cause;
  if (message.startsWith('Unable to refresh session'))
    return new SalesforceFailure('NO_SESSION', message, { cause: error });
  const code = networkCodeOf(error);
  if (code === undefined) return new SalesforceFailure('INTERNAL', message, { cause: error });
  const isAmbiguous = !neverSent.has(code);
  return new SalesforceFailure('UNREACHABLE', `Salesforce did not answer (${code})`, {
    cause: error,
    isAmbiguous,
  });
}

/** undici's and the system's codes; PostgreSQL's have five characters without an underscore. */
function networkCodeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const found = [code, cause?.code].find(
    (each) => typeof each === 'string' && /^(UND_ERR_|E[A-Z_]{4,}$)/.test(each),
  );
  return typeof found === 'string' ? found : undefined;
}
