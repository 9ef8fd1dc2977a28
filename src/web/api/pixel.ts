import type { RequestHandler } from 'express';

import { now } from '../../platform/clock.ts';
import { collect, rejectUnread } from '../../usage/collect.ts';

import { Refusal, sourceOf } from './write-key.ts';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/** The pixel of older integrations: sdr_s the write key, sdr_o the account, sdr_u the person, sdr_a what they did, sdr_m where. */
export const pixel: RequestHandler = async (req, res) => {
  const receivedAt = now();
  const given: Given = Object.fromEntries(
    Object.entries(req.query).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
  );
  try {
    const sourceId = await sourceOf(given.sdr_s);
    const messages = messagesOfPixel(given);
    const { rejections } = await collect(sourceId, messages, { receivedAt, bytes: req.url.length });
    if (rejections[0] !== undefined) throw new Refusal(400, rejections[0].reason);
    res.type('image/gif').setHeader('Cache-Control', 'no-store').send(PIXEL);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 400) await rejectUnread(undefined, receivedAt, error.message, req.url);
    res.status(error.status).json({ success: false, error: error.message });
  }
};

type Given = Record<string, string | undefined>;

/** An account is told of each time; what somebody did, if anybody did anything. */
function messagesOfPixel(given: Given): object[] {
  const { sdr_o: account, sdr_u: person, sdr_a: action, sdr_m: module } = given;
  if (!account) throw new Refusal(400, 'sdr_o is missing: it names the account.');
  const who = person ? { userId: person, groupId: account } : { anonymousId: 'pixel', groupId: account };
  const group = { ...who, type: 'group', traits: traitsOf(given) };
  if (!action) return [group];
  return [group, { ...who, type: 'track', event: action, properties: module ? { module } : {} }];
}

/* sdr_odn is the account's name, sdr_o.plan=gold an attribute of it. */
function traitsOf(given: Given): Given {
  const traits = Object.entries(given).filter(([name]) => name.startsWith('sdr_o.'));
  const name = given.sdr_odn === undefined ? {} : { name: given.sdr_odn };
  return {
    ...Object.fromEntries(traits.map(([key, value]) => [key.slice('sdr_o.'.length), value])),
    ...name,
  };
}
