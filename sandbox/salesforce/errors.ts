/** What went wrong with one field or row, as the save results of Salesforce state it. */
export interface SaveError {
  statusCode: string;
  message: string;
  fields: string[];
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
  body(): { message: string; errorCode: string; fields?: string[] }[] {
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

/** The one error of a single-record request, from its save result. */
export function apiErrorOf(error: SaveError): ApiError {
  const status = statusByCode[error.statusCode] ?? 400;
  return new ApiError(status, error.statusCode, error.message, error.fields);
}

const statusByCode: Record<string, number> = {
  ENTITY_IS_DELETED: 404,
  NOT_FOUND: 404,
  INSUFFICIENT_ACCESS_OR_READONLY: 403,
  REQUEST_LIMIT_EXCEEDED: 403,
  PRECONDITION_FAILED: 412,
};
