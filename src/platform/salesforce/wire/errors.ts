import { Unavailable } from '../../errors.ts';

import { classOf, type FailureKind, responses } from './error-classes.ts';

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
    this.kind = options.kind ?? kindOf(code, message);
    this.isAmbiguous = options.isAmbiguous ?? false;
  }
}

/** The kind of an error, whether it came with a whole answer or with one row of a collection. */
export const kindOf = (code: string, message?: string): FailureKind => responses[classOf(code, message)].kind;

/** Codes of calls that surely never arrived. */
const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** Any failure around a call, put into our terms. A bug of ours is terminal: trying again does not mend it. */
export function toFailure(error: unknown): SalesforceFailure {
  if (error instanceof SalesforceFailure) return error;
  const { message, cause } = error as { message: string; cause?: unknown };
  const told = toldBy(error);
  if (told) {
    const isAmbiguous = classOf(told.errorCode, told.message) === 'busy';
    return new SalesforceFailure(told.errorCode, told.message, { cause: error, isAmbiguous });
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

/** What Salesforce said; of several errors, which jsforce gathers under a code of its own, the first. */
function toldBy(error: unknown): { errorCode: string; message: string } | undefined {
  const { message, errorCode, data } = error as { message: string; errorCode?: string; data?: unknown };
  if (errorCode === undefined) return undefined;
  const [first] = (Array.isArray(data) ? data : []) as { errorCode?: string; message?: string }[];
  return first?.errorCode === undefined
    ? { errorCode, message }
    : { errorCode: first.errorCode, message: first.message ?? message };
}

/** undici's and the system's codes; PostgreSQL's have five characters without an underscore. */
function networkCodeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const found = [code, cause?.code].find(
    (each) => typeof each === 'string' && /^(UND_ERR_|E[A-Z_]{4,}$)/.test(each),
  );
  return typeof found === 'string' ? found : undefined;
}
