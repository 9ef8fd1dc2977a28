/**
 * Told to misbehave: `POST /__sandbox__/faults` with one `{ name?, match?, effect }` or a list of them, or on the page /faults.
 * `GET /__sandbox__/faults` lists them with how often each matched and hit, `DELETE /__sandbox__/faults` removes all,
 * `DELETE /__sandbox__/faults/<id>` one.
 *
 * match   which requests, all given ones together:
 *         method; path: a part of path and query, or a regular expression when it starts with `^`; object: an sObject named in
 *         the path, the SOQL or the body; nth: the first match that is hit (default 1); times: how many are hit (default 1 with
 *         nth alone, else all until removed); every: only each so-manieth match; probability: each with this chance (0 to 1),
 *         decided by `seed` (default: the fault's id), so that a run can be repeated.
 * effect  on the request:
 *           status, errorCode, message   the answer, in the form of the API that was called
 *           latencyMs                    waits first; without any other effect goes on as usual
 *           drop: true                   cuts the connection before any work
 *           dropAfterCommit: true        does the work, then cuts the connection instead of answering
 *           truncate: {share|bytes, quiet?}   the answer's body ends early; the connection is cut there, or with quiet it
 *                                        ends as if that were all (a Bulk page that lacks its last records)
 *           session: 'expire'            ends the session of the request first, so that it answers 401 and the client signs in anew
 *           locator: 'expire'            forgets the locator that the request names: INVALID_QUERY_LOCATOR, of queries and Bulk results
 *         on rows that are saved or deleted, through any API and in Bulk jobs (nth and so on count saves, of up to 200 rows each):
 *           rows: {count?, records?, errorCode?, message?, fields?}   refuses so many rows of each save, spread over it, or those
 *                                        that name one of the records (id, a parent's id, or any value such as an external id);
 *                                        errorCode defaults to UNABLE_TO_LOCK_ROW. Neither count nor records: every row
 *         on Bulk jobs when they begin (nth and so on count jobs; method POST, path /services/data/v60.0/jobs/ingest/<id>
 *         or …/jobs/query/<id>, object the job's):
 *           job: {failAfter?, abortAfter?, message?, delayMs?, rowsPerSecond?, loseResults?}   rows until the job fails or is
 *                                        aborted (0: at once), its errorMessage, slowness, results that expire at once
 *
 * {"match":{"path":"/composite/sobjects","every":2},"effect":{"rows":{"count":5}}}             5 of 200 rows locked, every other call
 * {"match":{"object":"Case"},"effect":{"rows":{"records":["500…"]}}}                           one case locked until removed
 * {"match":{"path":"^/services/data/v[\\d.]+/jobs/query/\\w+/results","nth":2},"effect":{"truncate":{"share":0.5}}}
 * {"match":{"path":"/jobs/ingest"},"effect":{"job":{"failAfter":100}}}                         ingest jobs fail after 100 rows
 * {"match":{"path":"/jobs/query","times":1},"effect":{"job":{"failAfter":0,"message":"InternalServerError : Retried more than fifteen times"}}}
 * {"match":{"path":"/query/01g","nth":2},"effect":{"locator":"expire"}}                        the second page of a query is gone
 * {"match":{"path":"/jobs/query","probability":0.2,"seed":7},"effect":{"status":503}}
 */
import { z } from 'zod';

import { createChance } from './chance.ts';
import { strikesRequest } from './fault-matching.ts';
import { misbehave } from './fault-effects.ts';
import { createTrouble } from './fault-trouble.ts';

import type { NextFunction, Request, Response } from 'express';
import type { Org } from '../salesforce/context.ts';
import type { Trouble } from '../salesforce/trouble.ts';

const isPattern = (path: string) => {
  try {
    return new RegExp(path.startsWith('^') ? path : '') instanceof RegExp;
  } catch {
    return false;
  }
};

const wholeNumber = z.int().min(0).optional();

const matchForm = z.strictObject({
  method: z.string().optional(),
  path: z.string().refine(isPattern, 'is no regular expression').optional(),
  object: z.string().optional(),
  nth: z.int().positive().optional(),
  times: z.int().positive().optional(),
  every: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
});

const effectForm = z.strictObject({
  status: z.int().min(300).max(599).optional(),
  errorCode: z.string().optional(),
  message: z.string().optional(),
  latencyMs: z.number().min(0).max(600_000).optional(),
  drop: z.boolean().optional(),
  dropAfterCommit: z.boolean().optional(),
  truncate: z
    .strictObject({
      share: z.number().min(0).max(1).optional(),
      bytes: wholeNumber,
      quiet: z.boolean().optional(),
    })
    .optional(),
  session: z.literal('expire').optional(),
  locator: z.literal('expire').optional(),
  rows: z
    .strictObject({
      count: z.int().positive().optional(),
      records: z.array(z.string()).optional(),
      errorCode: z.string().default('UNABLE_TO_LOCK_ROW'),
      message: z.string().optional(),
      fields: z.array(z.string()).optional(),
    })
    .optional(),
  job: z
    .strictObject({
      failAfter: wholeNumber,
      abortAfter: wholeNumber,
      message: z.string().optional(),
      delayMs: z.number().min(0).max(600_000).optional(),
      rowsPerSecond: z.number().positive().optional(),
      loseResults: z.boolean().optional(),
    })
    .optional(),
});

const faultForm = z.strictObject({
  name: z.string().max(200).optional(),
  match: matchForm.default({}),
  effect: effectForm,
});

/** What the control plane takes: one fault or several. */
export const faultsForm = z.union([faultForm, z.array(faultForm)]).transform((given) => [given].flat());

export type FaultForm = z.infer<typeof faultForm>;

/** A fault and how often something has matched it, and how many of them it hit. */
export interface Fault extends FaultForm {
  id: number;
  matched: number;
  hits: number;
  /** The next of the fault's own random numbers, from 0 to 1. */
  chance: () => number;
}

/** The faults of one org; they end with its process. */
export interface Faults {
  list: () => Fault[];
  add: (forms: FaultForm[]) => Fault[];
  /** Tells whether there was one of that id. */
  remove: (id: number) => boolean;
  clear: () => void;
  middleware: (req: Request, res: Response, done: NextFunction) => Promise<void>;
  trouble: Trouble;
}

/** Starts without faults; from now on the org asks them what is to go wrong. */
export function createFaults(org: Org): Faults {
  let faults: Fault[] = [];
  let next = 1;
  const { trouble, inside } = createTrouble(() => faults);
  return {
    trouble,
    list: () => faults,
    add(forms) {
      const added = forms.map((form) => {
        const id = next++;
        return { ...form, id, matched: 0, hits: 0, chance: createChance(form.match.seed ?? id) };
      });
      faults = [...faults, ...added];
      return added;
    },
    remove(id) {
      const before = faults.length;
      faults = faults.filter((fault) => fault.id !== id);
      return faults.length < before;
    },
    clear() {
      faults = [];
    },
    async middleware(req, res, done) {
      if (faults.length === 0 || isSpared(req.path)) {
        done();
        return;
      }
      const striking = await strikesRequest(faults, req, res);
      const goesOn = await misbehave(org, striking, { req, res });
      if (goesOn) inside({ method: req.method, url: req.originalUrl }, done);
    },
  };
}

/** The switches themselves always work. */
const isSpared = (path: string) => /^\/+(__sandbox__|faults|assets)(\/|$)/.test(path);
