import express from 'express';

import { contextOf } from '../context.ts';
import { ApiError, notFound } from '../errors.ts';
import { jsonOf, parseJson, textBody } from '../json-body.ts';
import { asObject } from '../soap/envelope.ts';
import { readParts } from '../files/multipart.ts';
import { cancelDeployment, maybeDeployment, redeploy, startDeployment } from './deployments.ts';
import { BadOptions } from './options.ts';

import type { Request, RequestHandler, Router } from 'express';
import type { Deployment } from './deployments.ts';

/** `/metadata/deployRequest` of the REST API; mount it at the version's root, behind the session. */
export function metadataRestRoutes(): Router {
  const router = express.Router();
  router.post('/metadata/deployRequest', unlessMultipart(textBody), async (req, res) => {
    res.status(201).json(answerFor(await start(req), { withDetails: false }));
  });
  router.post('/metadata/deployRequest/validatedDeployRequestId', textBody, async (req, res) => {
    res.status(201).json(answerFor(await startValidated(req), { withDetails: false }));
  });
  router.get('/metadata/deployRequest/:id', async (req, res) => {
    const deployment = await maybeDeployment(contextOf(req).db, req.params.id);
    if (!deployment) throw notFound();
    res.json(answerFor(deployment, { withDetails: req.query.includeDetails === 'true' }));
  });
  router.patch('/metadata/deployRequest/:id', textBody, async (req, res) => {
    const wish = asObject(jsonOf(req).deployResult).status;
    if (wish !== 'Canceling')
      throw new ApiError(400, 'INVALID_OPERATION', 'The only status that can be set is Canceling.');
    const deployment = await cancelDeployment(contextOf(req), req.params.id);
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
  if (!req.is('multipart/form-data')) return startValidated(req);
  const { files, fields } = await readParts(req);
  const isJson = ({ mimeType }: { mimeType: string }) => mimeType === 'application/json';
  const zip = files.find((each) => !isJson(each));
  if (!zip) throw new ApiError(400, 'INVALID_MULTIPART_REQUEST', 'A file part is required');
  const text = fields.entity_content ?? fields.json ?? files.find(isJson)?.content.toString('utf8');
  const content = parseJson(text ?? '');
  try {
    return await startDeployment(contextOf(req), zip.content, asObject(content.deployOptions));
  } catch (error) {
    if (error instanceof BadOptions) throw new ApiError(400, 'JSON_PARSER_ERROR', error.message);
    throw error;
  }
}

/** The quick deploy of what was checked before. */
async function startValidated(req: Request): Promise<Deployment> {
  const validated = await redeploy(contextOf(req), String(jsonOf(req).validatedDeployRequestId));
  if (!validated) throw new ApiError(400, 'INVALID_ID_FIELD', 'invalid cross reference id');
  return validated;
}

/** JSON has what XML leaves out as null, and all messages once more in one list. */
function answerFor(
  { result, options, validatedId }: Deployment,
  { withDetails }: { withDetails: boolean },
): unknown {
  const { details, ...rest } = result;
  const { componentFailures, componentSuccesses, runTestResult } = details;
  const whole = {
    canceledBy: null, canceledByName: null, completedDate: null, errorMessage: null, errorStatusCode: null,
    startDate: null, stateDetail: null, ...rest,
  }; // prettier-ignore
  return {
    id: result.id,
    validatedDeployRequestId: validatedId ?? null,
    deployOptions: options,
    deployResult: withDetails
      ? {
          ...whole,
          details: {
            allComponentMessages: [...componentSuccesses, ...componentFailures],
            componentFailures,
            componentSuccesses,
            retrieveResult: null,
            runTestResult: {
              ...runTestResult,
              codeCoverage: [],
              codeCoverageWarnings: [],
              failures: [],
              flowCoverage: [],
              successes: [],
            },
          },
        }
      : whole,
  };
}
