import { ApiError } from '../errors.ts';
import { countRequest } from '../limits.ts';
import { asObject } from './envelope.ts';
import { readingOperations } from './reading.ts';
import { maybeText } from './rows.ts';
import { savingOperations } from './saving.ts';

import type { Context } from '../context.ts';
import type { DataCall } from './call.ts';
import type { Xml } from './envelope.ts';

const operations = { ...readingOperations, ...savingOperations };

/** Whether the data API has an operation of that name. */
export const isDataOperation = (name: string): boolean => Object.hasOwn(operations, name);

/** What an operation answers: each element is a `result`. @throws ApiError for what becomes a fault */
export async function runDataOperation(name: string, call: DataCall): Promise<Xml[]> {
  const operation = operations[name];
  if (!operation) throw new Error(`there is no operation ${name}`);
  return operation({ ...call, ctx: withHeaders(call) });
}

/** What SOAP says in headers of its own, where REST says it in those of HTTP. */
function withHeaders({ ctx, headers }: DataCall): Context {
  const client = maybeText(asObject(headers.CallOptions).client) ?? ctx.client;
  const duplicates = asObject(headers.DuplicateRuleHeader);
  const options = Object.entries(duplicates).map(([name, value]) => `${name}=${maybeText(value) ?? ''}`);
  return {
    ...ctx,
    client,
    headers: {
      ...ctx.headers,
      'sforce-duplicate-rule-header': options.length > 0 ? options.join(',') : undefined,
    },
  };
}

/** Counts the call against the day's budget; the header tells the client where it stands. @throws ApiError REQUEST_LIMIT_EXCEEDED */
export function spendCall({ org }: Context): Xml {
  const { dailyUsed, dailyMax } = countRequest(org.limits, org.clock.now());
  if (dailyUsed > dailyMax)
    throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
  return { limitInfo: { current: dailyUsed, limit: dailyMax, type: 'API REQUESTS' } };
}
