import express, { type Request, type Response } from 'express';
import { z } from 'zod';

import { acts, messagesFor, noteAct } from '../../campaigns/outcomes/in-app.ts';
import { anyone, route } from '../guards.ts';

import { Refusal, sourceOf } from './write-key.ts';

/* Sent as text, so that the browser need not ask first. */
const readBody = express.text({ type: () => true, limit: 20_000 });

const Ask = z.object({
  writeKey: z.string().max(100),
  userId: z.string().min(1).max(200),
  proof: z.string().regex(/^[0-9a-f]{64}$/i),
});
const Told = z.object({ writeKey: z.string().max(100), id: z.string().max(100), act: z.enum(acts) });

/** What waits for a person in the product, for whoever proves that they are there. */
async function show(req: Request, res: Response): Promise<void> {
  const { writeKey, userId, proof } = read(Ask, req.body);
  const messages = await messagesFor(await sourceOf(writeKey), { userId, proof });
  if (messages === undefined) throw new Refusal(403, 'The proof is not right.');
  res.setHeader('Cache-Control', 'no-store').json({ messages });
}

/** What they did with one. */
async function tell(req: Request, res: Response): Promise<void> {
  const { writeKey, id, act } = read(Told, req.body);
  await sourceOf(writeKey);
  if (!(await noteAct(id, act))) throw new Refusal(404, 'There is no such message.');
  res.json({ success: true });
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(json(body));
  if (!parsed.success) throw new Refusal(400, 'The body cannot be read.');
  return parsed.data;
}

function json(body: unknown): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    return undefined;
  }
}

const told =
  (handler: (req: Request, res: Response) => Promise<void>) =>
  async (req: Request, res: Response): Promise<void> => {
    try {
      await handler(req, res);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      res.status(error.status).json({ success: false, error: error.message });
    }
  };

export const inAppRoutes = [
  route('post', '/v1/messages', anyone(), readBody, told(show)),
  route('post', '/v1/messages/acts', anyone(), readBody, told(tell)),
];
