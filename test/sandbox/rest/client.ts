import type { Connection } from 'jsforce';

export interface RestAnswer<T> {
  status: number;
  headers: Headers;
  body: T;
}

interface Options {
  body?: unknown;
  headers?: Record<string, string>;
}

/** A bare HTTP client for what jsforce has no helper for; paths start behind `/services/data/v60.0`. */
export function restClient(connection: Connection) {
  return async <T = unknown>(
    method: string,
    path: string,
    { body, headers = {} }: Options = {},
  ): Promise<RestAnswer<T>> => {
    const answer = await fetch(`${connection.instanceUrl}/services/data/v60.0${path}`, {
      method,
      headers: {
        authorization: `Bearer ${String(connection.accessToken)}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    };
  };
}
