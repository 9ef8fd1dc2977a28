/** What went wrong with one field or row, as the save results of Salesforce state it. */
export interface SaveError {
  statusCode: string;
  message: string;
  fields: string[];
  /** Of DUPLICATES_DETECTED: which rule, and which records. */
  duplicateResult?: DuplicateResult;
}

/** What a duplicate rule found, in the words of every API. */
export interface DuplicateResult {
  allowSave: boolean;
  duplicateRule: string;
  duplicateRuleEntityType: string;
  errorMessage: string;
  matchResults: {
    entityType: string;
    errors: never[];
    matchEngine: string;
    matchRecords: {
      additionalInformation: never[];
      fieldDiffs: never[];
      matchConfidence: number;
      record: Record<string, unknown>;
    }[];
    rule: string;
    size: number;
    success: boolean;
  }[];
}

/** An answer in Salesforce's error form: `[{ message, errorCode, fields? }]` with an HTTP status. */
export class ApiError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: string[] | undefined;

  constructor(status: number, errorCode: string, message: string, fields?: string[]) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }

  /** The JSON body of the answer. */
  body(): { message: string; errorCode: string; fields?: string[]; duplicateResult?: DuplicateResult }[] {
    const { message, errorCode, fields } = this;
    return [fields === undefined ? { message, errorCode } : { message, errorCode, fields }];
  }
}

/** An answer whose body is not an error array: 300 with the URLs of the candidates, for one. */
export class OtherAnswer extends Error {
  readonly status: number;
  readonly content: unknown;

  constructor(status: number, content: unknown) {
    super(`answered with ${String(status)}`);
    this.status = status;
    this.content = content;
  }
}

export const saveError = (statusCode: string, message: string, fields: string[] = []): SaveError => ({
  statusCode,
  message,
  fields,
});

export const notFound = (message = 'The requested resource does not exist') =>
  new ApiError(404, 'NOT_FOUND', message);

/** What a single-record request answers: all errors of its save result, with the status of the first. */
class SaveRefused extends ApiError {
  readonly errors: SaveError[];

  constructor(first: SaveError, errors: SaveError[]) {
    super(statusByCode[first.statusCode] ?? 400, first.statusCode, first.message, first.fields);
    this.errors = errors;
  }

  override body() {
    return this.errors.map(({ statusCode, message, fields, duplicateResult }) =>
      duplicateResult === undefined
        ? { message, errorCode: statusCode, fields }
        : { duplicateResult, errorCode: statusCode, message },
    );
  }
}

/** The answer to a request that saved one record and failed. */
export function apiErrorOf(errors: SaveError[]): ApiError {
  const [first] = errors;
  return first ? new SaveRefused(first, errors) : new ApiError(500, 'UNKNOWN_EXCEPTION', 'nothing was saved');
}

const statusByCode: Record<string, number> = {
  ENTITY_IS_DELETED: 404,
  NOT_FOUND: 404,
  INSUFFICIENT_ACCESS_OR_READONLY: 403,
  REQUEST_LIMIT_EXCEEDED: 403,
  PRECONDITION_FAILED: 412,
};
