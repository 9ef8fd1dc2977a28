import type { Context } from '../context.ts';

/** One call of the data API over SOAP. */
export interface DataCall {
  ctx: Context;
  /** Partner (`u`), whose records are generic, or enterprise (`c`), whose records have their object's type. */
  api: 'u' | 'c';
  args: Record<string, unknown>;
  headers: Record<string, unknown>;
}

export const namespaces = {
  u: {
    api: 'urn:partner.soap.sforce.com',
    sobject: 'urn:sobject.partner.soap.sforce.com',
    fault: 'urn:fault.partner.soap.sforce.com',
  },
  c: {
    api: 'urn:enterprise.soap.sforce.com',
    sobject: 'urn:sobject.enterprise.soap.sforce.com',
    fault: 'urn:fault.enterprise.soap.sforce.com',
  },
} as const;
