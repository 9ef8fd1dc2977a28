import express from 'express';

import { contextOf } from '../context.ts';
import { ApiError, notFound } from '../errors.ts';
import { jsonOf, parseJson, textBody } from '../json-body.ts';
import { asObject } from '../soap/envelope.ts';
import { readParts } from '../files/multipart.ts';
import { cancelDeployment, maybeDeployment, redeploy, startDeployment } from './deployments.ts';
import { optionsOf } from './soap.ts';

import type { Request, RequestHandler, Router } from 'express';
import type { Deployment } from './deployments.ts';

/** `/metadata/deployRequest` of the REST API; mount it at the version's root, behind the session. */
export function metadataRestRoutes(): Router {
  const router = express.Router();
  router.post('/metadata/deployRequest', unlessMultipart(textBody), async (req, res) => {
    res.status(201).json(answerFor(await start(req), { withDetails: false }));
  });
  router.get('/metadata/deployRequest/:id', async (req, res) => {
    const deployment = await maybeDeployment(contextOf(req).db, req.params.id);
    if (!deployment) throw notFound();
    res.json(answerFor(deployment, { withDetails: req.query.includeDetails === 'true' }));
  });
  router.patch('/metadata/deployRequest/:id', textBody, async (req, res) => {
    const deployment = await cancelDeployment(contextOf(req).db, req.params.id);
    if (!deployment) throw notFound();
    res.status(202).json(answerFor(deployment, { withDetails: false }));
  });
  return router;
}

function unlessMultipart(middleware: RequestHandler): RequestHandler {
  return (req, res, next) => {
    if (req.is('multipart/form-data')) next();
    else middleware(req, res, next);
  };
}

async function start(req: Request): Promise<Deployment> {
  const ctx = contextOf(req);
  if (!req.is('multipart/form-data')) {
    const validated = await redeploy(ctx, String(jsonOf(req).validatedDeployRequestId));
    if (!validated) throw new ApiError(400, 'INVALID_ID_FIELD', 'invalid cross reference id');
    return validated;
  }
  const { files, fields } = await readParts(req);
  const [zip] = files;
  if (!zip) throw new ApiError(400, 'INVALID_MULTIPART_REQUEST', 'A file part is required');
  const content = parseJson(fields.entity_content ?? fields.json ?? '');
  return startDeployment(ctx, zip.content, optionsOf(asObject(content.deployOptions)));
}

function answerFor({ result, options }: Deployment, { withDetails }: { withDetails: boolean }) {
  const { details, ...rest } = result;
  return {
    id: result.id,
    validatedDeployRequestId: null,
    deployOptions: options,
    deployResult: withDetails ? { ...rest, details } : rest,
  };
}
