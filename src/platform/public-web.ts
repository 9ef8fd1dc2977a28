import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

import { Agent, request } from 'undici';

import { config } from './config.ts';
import { Expected } from './errors.ts';

/*
 * The way to addresses that somebody typed: webhooks, images (F19). They lead out to the public web alone, whatever a name resolves to
 * at that moment: the address that was looked at is the one that is connected to, so a name that changes its mind helps nobody.
 */

/** An address that must not be called. */
export class NotPublic extends Expected {}

/** Networks that are not the public internet: private, shared, loopback, link-local, documentation, multicast, reserved, translated. */
const closed = new BlockList();
for (const network of [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
]) addNetwork(network, 'ipv4'); // prettier-ignore

/** Of IPv6, global unicast alone is public, without what documents, tunnels or translates to IPv4 inside it. */
const open6 = new BlockList();
open6.addSubnet('2000::', 3, 'ipv6');
for (const network of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) addNetwork(network, 'ipv6');

function addNetwork(network: string, family: 'ipv4' | 'ipv6'): void {
  const [address = '', bits = ''] = network.split('/');
  closed.addSubnet(address, Number(bits), family);
}

/** Whether a numeric address belongs to the public internet. An IPv4 address in IPv6 clothes does not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, 'ipv4');
  return family === 6 && open6.check(address, 'ipv6') && !closed.check(address, 'ipv6');
}

/** The one address within that may be called, in sandbox mode: the stand-in's. */
const standIn = config.isSandbox ? new URL(config.SANDBOX_URL).origin : undefined;

/**
 * The address as a URL, when it is one that may be called: https, without a name and password, not a closed network by number in
 * whatever spelling (`URL` reads decimal and octal ones).
 * @throws NotPublic
 */
export function publicUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') throw new NotPublic('not an address');
  if (url.origin === standIn) return url;
  if (url.protocol !== 'https:') throw new NotPublic('not https');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new NotPublic('not a public address');
  if (/(^|\.)(localhost|local|internal|lan|home|corp)\.?$/i.test(host) || !/[.:]/.test(host))
    throw new NotPublic('not a public name');
  return url;
}

type Resolver = (
  name: string,
  options: { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** Resolves names for connections: one with any address that is not public resolves to nothing. */
export function publicLookup(resolver: Resolver = resolve): LookupFunction {
  return (name, options, callback) => {
    resolver(name, { all: true }, (error, found?: LookupAddress[]) => {
      const addresses = found ?? [];
      const [first] = addresses;
      const isPublic = first !== undefined && addresses.every(({ address }) => isPublicAddress(address));
      if (error) callback(error, '', 0);
      else if (!isPublic) callback(new NotPublic(`${name} is not a public address`), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

const TIMEOUT_MILLISECONDS = 10_000;
const MOST_BYTES = 4_096;

const agentWith = (lookup: LookupFunction, maxResponseSize = 262_144) =>
  new Agent({
    connect: { timeout: 5_000, lookup },
    connections: 8,
    keepAliveTimeout: 5_000,
    maxResponseSize,
  });
const outside = agentWith(publicLookup());
const files = agentWith(publicLookup(), 16_777_216);
const within = new Agent({ connect: { timeout: 5_000 }, connections: 4 });

export interface PublicAnswer {
  status: number;
  /** The beginning of what was answered. */
  text: string;
}

/**
 * Posts to an address that somebody typed. Redirects are answers like any other: they are not followed.
 * @throws NotPublic, or whatever the network says within ten seconds
 */
export async function postPublicly(
  address: string,
  { headers, body }: { headers: Record<string, string>; body: string | Buffer },
  { dispatcher }: { dispatcher?: Agent } = {},
): Promise<PublicAnswer> {
  const url = publicUrl(address);
  const answer = await request(url, {
    method: 'POST',
    headers,
    body,
    dispatcher: dispatcher ?? (url.origin === standIn ? within : outside),
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    headersTimeout: TIMEOUT_MILLISECONDS,
    bodyTimeout: TIMEOUT_MILLISECONDS,
  });
  return { status: answer.statusCode, text: await beginningOf(answer.body) };
}

/**
 * Asks for the head of a page at an address that somebody typed. @returns its status; redirects are not followed
 * @throws NotPublic, or whatever the network says within ten seconds
 */
export async function lookPublicly(
  address: string,
  { dispatcher }: { dispatcher?: Agent } = {},
): Promise<number> {
  const url = publicUrl(address);
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const answer = await request(url, {
    method: 'HEAD',
    dispatcher: dispatcher ?? (url.origin === standIn ? within : outside),
    signal,
  });
  await answer.body.dump();
  return answer.statusCode;
}

/**
 * Fetches a file from an address that somebody typed, up to so many bytes. Redirects are not followed.
 * @throws NotPublic, or whatever the network says within ten seconds, or when there is more
 */
export async function fetchPublicly(
  address: string,
  { most, dispatcher }: { most: number; dispatcher?: Agent },
): Promise<{ status: number; bytes: Buffer }> {
  const url = publicUrl(address);
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const { statusCode, body } = await request(url, {
    dispatcher: dispatcher ?? (url.origin === standIn ? within : files),
    signal,
    headersTimeout: TIMEOUT_MILLISECONDS,
    bodyTimeout: TIMEOUT_MILLISECONDS,
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > most) throw new Error('there is more than was asked for');
  }
  return { status: statusCode, bytes: Buffer.concat(chunks) };
}

async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MOST_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8');
}

/** A way out with another resolver, for tests of what names may resolve to. */
export const publicAgent = (resolver: Resolver): Agent => agentWith(publicLookup(resolver));
