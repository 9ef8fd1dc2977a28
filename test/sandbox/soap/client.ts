import { XMLParser } from 'fast-xml-parser';

import type { Connection } from 'jsforce';

type Element = Record<string, unknown>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  removeNSPrefix: true,
});

/** A bare SOAP client: the status, the raw text and what the body's first element holds. */
export function soapClient(connection: Connection, api: 'u' | 'c' = 'u') {
  const namespace = api === 'u' ? 'urn:partner.soap.sforce.com' : 'urn:enterprise.soap.sforce.com';
  const sobject = namespace.replace('urn:', 'urn:sobject.');
  return async (operation: string, inner: string, header = '', session = String(connection.accessToken)) => {
    const answer = await fetch(`${connection.instanceUrl}/services/Soap/${api}/60.0/00D000000000001`, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
      body: `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n="${namespace}" xmlns:o="${sobject}"><s:Header><n:SessionHeader><n:sessionId>${session}</n:sessionId></n:SessionHeader>${header}</s:Header><s:Body><n:${operation}>${inner}</n:${operation}></s:Body></s:Envelope>`,
    });
    const text = await answer.text();
    const body = ((parser.parse(text) as Element).Envelope as Element).Body as Element;
    const [, content] = Object.entries(body).find(([name]) => !name.startsWith('@')) ?? [];
    return { status: answer.status, text, result: (content as Element).result as Element, fault: content as Element };
  };
} // prettier-ignore
