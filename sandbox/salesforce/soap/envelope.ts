import express from 'express';
import { XMLParser } from 'fast-xml-parser';

import type { Response } from 'express';

/** A value as SOAP carries it: text, or elements by name; a repeated element is an array. */
export type Xml = string | number | boolean | null | undefined | Xml[] | { [name: string]: Xml };

/** What a client asks for in one SOAP request. */
export interface SoapCall {
  operation: string;
  args: Record<string, unknown>;
  sessionId: string | undefined;
  /** Further headers by name, `CallOptions` or `AllOrNoneHeader` among them. */
  headers: Record<string, unknown>;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  htmlEntities: true,
});

/** Reads the XML of a SOAP body whatever its content type says; a deployed zip travels in it, so it may be large. */
export const soapBody = express.text({ type: () => true, limit: '80mb' });

/** Reads XML into plain objects: attributes with `@`, prefixes dropped, every value a string. */
export function readXml(text: string): Record<string, unknown> {
  return asObject(parser.parse(text));
}

/** The call that a text holds; undefined when it is no SOAP request. */
export function maybeEnvelope(text: string): SoapCall | undefined {
  try {
    return readEnvelope(text);
  } catch {
    return undefined;
  }
}

function readEnvelope(text: string): SoapCall | undefined {
  const envelope = asObject(readXml(text).Envelope);
  const body = asObject(envelope.Body);
  const headers = asObject(envelope.Header);
  const operation = Object.keys(body).find((name) => !name.startsWith('@'));
  if (operation === undefined) return undefined;
  const sessionId = asObject(headers.SessionHeader).sessionId;
  return {
    operation,
    args: asObject(body[operation]),
    sessionId: typeof sessionId === 'string' ? sessionId : undefined,
    headers,
  };
}

/** Answers an operation; each of `results` becomes one `result` element. */
export function sendResult(res: Response, namespace: string, operation: string, results: Xml[]): void {
  const inner = results.map((result) => element('result', result)).join('');
  send(res, 200, { body: `<${operation}Response xmlns="${namespace}">${inner}</${operation}Response>` });
}

/** An answer of the data API, whose records are in a namespace of their own. */
export interface DataAnswer {
  namespace: string;
  sobjectNamespace: string;
  operation: string;
  results: Xml[];
  /** Where the day's budget stands. */
  limitInfo: Xml;
}

/** Answers an operation of the data API. */
export function sendData(res: Response, answer: DataAnswer): void {
  const { namespace, sobjectNamespace, operation, results, limitInfo } = answer;
  const inner = results.map((result) => element('result', result)).join('');
  send(res, 200, {
    header: element('LimitInfoHeader', { '@xmlns': namespace, ...(limitInfo as Record<string, Xml>) }),
    body: `<${operation}Response xmlns="${namespace}" xmlns:sf="${sobjectNamespace}">${inner}</${operation}Response>`,
  });
}

/** Answers as Salesforce refuses: HTTP 500, code and text; `sf:INVALID_SESSION_ID` makes clients sign in anew. */
export function sendFault(res: Response, code: string, message: string, detail = ''): void {
  const more = detail === '' ? '' : `<detail>${detail}</detail>`;
  send(res, 500, {
    body: `<soapenv:Fault><faultcode>${escapeXml(code)}</faultcode><faultstring>${escapeXml(message)}</faultstring>${more}</soapenv:Fault>`,
  });
}

function send(res: Response, status: number, { header = '', body }: { header?: string; body: string }): void {
  res
    .status(status)
    .type('text/xml')
    .send(
      '<?xml version="1.0" encoding="UTF-8"?>' +
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
        (header === '' ? '' : `<soapenv:Header>${header}</soapenv:Header>`) +
        `<soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
    );
}

/** One element as XML; keys starting with `@` become attributes, `#text` its text, undefined is left out, null is `xsi:nil`. */
export function element(name: string, value: Xml): string {
  if (value === undefined) return '';
  if (value === null) return `<${name} xsi:nil="true"/>`;
  if (Array.isArray(value)) return value.map((each) => element(name, each)).join('');
  if (typeof value !== 'object') return `<${name}>${escapeXml(String(value))}</${name}>`;
  const entries = Object.entries(value);
  const attributes = entries
    .filter(([key]) => key.startsWith('@'))
    .map(([key, each]) => ` ${key.slice(1)}="${escapeXml(asText(each) ?? '')}"`);
  const children = entries
    .filter(([key]) => !key.startsWith('@'))
    .map(([key, each]) => (key === '#text' ? escapeXml(asText(each) ?? '') : element(key, each)));
  return `<${name}${attributes.join('')}>${children.join('')}</${name}>`;
}

/** Text made safe between tags and inside attributes; characters that XML cannot hold are dropped. */
export function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ''); // eslint-disable-line no-control-regex
}

/** The value as an object of elements; text or nothing gives an empty one. */
export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The value as a list: a single element and none are lists too. */
export function asList(value: unknown): unknown[] {
  if (value === undefined || value === null || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

/** The text of an element, or undefined when it is absent, nil or has children. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && '#text' in value) return asText(value['#text']);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
