import express from 'express';

import { contextFor } from '../auth/middleware.ts';
import { maybeSession } from '../auth/sessions.ts';
import {
  asList,
  asObject,
  asText,
  maybeEnvelope,
  sendFault,
  sendResult,
  soapBody,
} from '../soap/envelope.ts';
import { deleteMetadata, renameMetadata, saveMetadata } from './change.ts';
import { cancelDeployment, maybeDeployment, redeploy, startDeployment } from './deployments.ts';
import { BadOptions } from './options.ts';
import { canonical, inOrder } from './order.ts';
import { describedTypes, fileProperties, maybeMetadata } from './read.ts';
import { maybeRetrieved, retrieve } from './retrieve.ts';

import type { Request, Response, Router } from 'express';
import type { Context, Org } from '../context.ts';
import type { Xml } from '../soap/envelope.ts';

type Args = Record<string, unknown>;

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata';

/** A refusal that a SOAP client gets as a fault. */
class SoapRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Every operation of the Metadata API; each element of its answer becomes a `result`. */
const operations: Record<string, (ctx: Context, args: Args) => Promise<Xml[]>> = {
  deploy: async (ctx, args) => {
    const zip = Buffer.from(asText(args.ZipFile) ?? '', 'base64');
    const { result } = await startDeployment(ctx, zip, asObject(args.DeployOptions));
    return [{ done: false, id: result.id, state: 'Queued' }];
  },
  checkDeployStatus: async (ctx, args) => {
    const { result } = found(
      await maybeDeployment(ctx.db, asText(args.asyncProcessId) ?? ''),
      args.asyncProcessId,
    );
    const { details, ...rest } = result;
    return [
      statusFor(ctx, {
        ...rest,
        ...(asText(args.includeDetails) === 'true' ? { details } : {}),
      } as unknown as Xml),
    ];
  },
  cancelDeploy: async (ctx, args) => {
    const { result } = found(await cancelDeployment(ctx, asText(args.id ?? args.String) ?? ''), args.id);
    return [{ done: result.done, id: result.id }];
  },
  deployRecentValidation: async (ctx, args) => [
    found(await redeploy(ctx, asText(args.validationId) ?? ''), args.validationId).result.id,
  ],
  retrieve: async (ctx, args) => [
    { done: false, id: await retrieve(ctx, asObject(args.retrieveRequest ?? args.request)), state: 'Queued' },
  ],
  checkRetrieveStatus: async (ctx, args) => [
    withZip(
      args,
      found(await maybeRetrieved(ctx.db, asText(args.asyncProcessId) ?? ''), args.asyncProcessId),
    ),
  ],
  describeMetadata: () => Promise.resolve([describedTypes()]),
  listMetadata: async (ctx, args) => {
    const lists = asList(args.queries).map((query) =>
      fileProperties(ctx, asText(asObject(query).type) ?? ''),
    );
    return (await Promise.all(lists)).flat();
  },
  readMetadata: async (ctx, args) => {
    const type = asText(args.type) ?? '';
    const all = await Promise.all(
      asList(args.fullNames).map((name) => maybeMetadata(ctx, type, asText(name) ?? '')),
    );
    return [
      { records: all.map((each) => (each === undefined ? null : canonical({ '@xsi:type': type, ...each }))) },
    ];
  },
  createMetadata: (ctx, args) => eachInTurn(args.metadata, (one) => saveMetadata(ctx, one, 'new')),
  updateMetadata: (ctx, args) => eachInTurn(args.metadata, (one) => saveMetadata(ctx, one, 'known')),
  upsertMetadata: (ctx, args) => eachInTurn(args.metadata, (one) => saveMetadata(ctx, one, 'either')),
  renameMetadata: async (ctx, args) => [
    await renameMetadata(ctx, asText(args.type) ?? '', {
      from: asText(args.oldFullName) ?? '',
      to: asText(args.newFullName) ?? '',
    }),
  ],
  deleteMetadata: (ctx, args) =>
    eachInTurn(args.fullNames, (name) => deleteMetadata(ctx, asText(args.type) ?? '', asText(name) ?? '')),
};

/** `/services/Soap/m/<version>`: the Metadata API. */
export function metadataSoapRoutes(org: Org): Router {
  const router = express.Router();
  router.post(
    ['/services/Soap/m/:version', '/services/Soap/m/:version/*rest'],
    soapBody,
    async (req, res) => {
      await answer(org, req, res);
    },
  );
  return router;
}

async function answer(org: Org, req: Request, res: Response): Promise<void> {
  const call = maybeEnvelope(String(req.body));
  if (!call) {
    sendFault(res, 'soapenv:Client', 'Unable to parse the request');
    return;
  }
  const session = await maybeSession(org.pool, call.sessionId);
  const operation = Object.hasOwn(operations, call.operation) ? operations[call.operation] : undefined;
  if (!session) {
    sendFault(
      res,
      'sf:INVALID_SESSION_ID',
      'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash',
    );
    return;
  }
  res.locals.username = session.user.username;
  if (!operation) {
    sendFault(res, 'soapenv:Client', `No operation available for request {${NAMESPACE}}${call.operation}`);
    return;
  }
  try {
    const results = await operation(contextFor(org, req, session), call.args);
    const ordered = call.operation === 'readMetadata' ? results : results.map(inOrder);
    sendResult(res, NAMESPACE, call.operation, ordered);
  } catch (error) {
    if (error instanceof BadOptions) {
      sendFault(res, 'soapenv:Client', error.message);
      return;
    }
    if (!(error instanceof SoapRefusal)) throw error;
    sendFault(res, `sf:${error.code}`, `${error.code}: ${error.message}`);
  }
}

/** What newer versions tell of a deployment, older clients do not know. */
function statusFor({ apiVersion }: Context, result: Xml): Xml {
  if (apiVersion >= 63) return result;
  const known = Object.entries(asObject(result)).filter(
    ([name]) => !['numberFiles', 'zipSize'].includes(name),
  );
  return Object.fromEntries(known) as Xml;
}

/** The zip may be left for a later call. */
function withZip(args: Args, result: Xml): Xml {
  if (asText(args.includeZip) !== 'false') return result;
  return Object.fromEntries(Object.entries(asObject(result)).filter(([name]) => name !== 'zipFile')) as Xml;
}

function found<T>(value: T | undefined, id: unknown): T {
  if (value === undefined)
    throw new SoapRefusal('INVALID_ID_FIELD', `invalid cross reference id: ${asText(id) ?? ''}`);
  return value;
}

async function eachInTurn(given: unknown, work: (each: unknown) => Promise<Xml>): Promise<Xml[]> {
  const results: Xml[] = [];
  for (const each of asList(given)) results.push(await work(each));
  return results;
}
