import { idOf } from '../records/ids.ts';
import { deploy } from './deploy.ts';

import type { Db } from '../../database.ts';
import type { Context } from '../context.ts';
import type { DeployMessage, DeployOptions, Outcome } from './deploy.ts';

/** A deployment as checkDeployStatus tells of it. */
export interface DeployResult {
  id: string;
  status: 'Pending' | 'InProgress' | 'Succeeded' | 'SucceededPartial' | 'Failed' | 'Canceled';
  done: boolean;
  success: boolean;
  checkOnly: boolean;
  rollbackOnError: boolean;
  ignoreWarnings: boolean;
  runTestsEnabled: boolean;
  createdBy: string;
  createdByName: string;
  createdDate: string;
  startDate?: string;
  completedDate?: string;
  lastModifiedDate: string;
  errorMessage?: string;
  errorStatusCode?: string;
  numberComponentErrors: number;
  numberComponentsDeployed: number;
  numberComponentsTotal: number;
  numberTestErrors: number;
  numberTestsCompleted: number;
  numberTestsTotal: number;
  details: {
    componentFailures: DeployMessage[];
    componentSuccesses: DeployMessage[];
    runTestResult: Record<string, number>;
  };
}

/** A deployment with the options it was started with. */
export interface Deployment {
  result: DeployResult;
  options: DeployOptions;
}

const defaults: DeployOptions = {
  checkOnly: false,
  rollbackOnError: false,
  ignoreWarnings: false,
  allowMissingFiles: false,
};

/** Takes a zip on; it is deployed behind the caller's back. Returns the deployment as it is now: Pending. */
export async function startDeployment(
  ctx: Context,
  zip: Buffer,
  given: Partial<DeployOptions>,
): Promise<Deployment> {
  const options: DeployOptions = { ...defaults, ...given };
  const { rows } = await ctx.org.pool.query(`select nextval('_component_ids') as counter`);
  const id = idOf('0Af', Number((rows as { counter: number }[])[0]?.counter));
  const result = pending(ctx, id, options);
  await ctx.org.pool.query('insert into _deploy (id, created_at, zip, result) values ($1, $2, $3, $4)', [
    id, result.createdDate, zip, JSON.stringify({ result, options }),
  ]); // prettier-ignore
  setImmediate(() => void run(ctx, zip, { result, options }));
  return { result, options };
}

/** The deployment of that id, 15 or 18 characters. */
export async function maybeDeployment(db: Db, id: string): Promise<Deployment | undefined> {
  const { rows } = await db.query('select result from _deploy where left(id, 15) = left($1, 15)', [id]);
  return (rows as { result: Deployment }[])[0]?.result;
}

/** Deploys what was successfully checked before; undefined when that id stands for no such check. */
export async function redeploy(ctx: Context, id: string): Promise<Deployment | undefined> {
  const { rows } = await ctx.org.pool.query(
    'select zip, result from _deploy where left(id, 15) = left($1, 15)',
    [id],
  );
  const [validated] = rows as { zip: Buffer; result: Deployment }[];
  if (!validated?.result.result.checkOnly || !validated.result.result.success) return undefined;
  return startDeployment(ctx, validated.zip, { ...validated.result.options, checkOnly: false });
}

/** Gives up a deployment that is not done; undefined when there is none of that id. */
export async function cancelDeployment(db: Db, id: string): Promise<Deployment | undefined> {
  const deployment = await maybeDeployment(db, id);
  if (!deployment || deployment.result.done) return deployment;
  return keep(db, { ...deployment, result: { ...deployment.result, status: 'Canceled', done: true } });
}

async function run(ctx: Context, zip: Buffer, deployment: Deployment): Promise<void> {
  const db = ctx.org.pool;
  const startDate = ctx.org.clock.now().toISOString();
  const started: DeployResult = { ...deployment.result, status: 'InProgress', startDate };
  try {
    await keep(db, { ...deployment, result: started });
    const outcome = await deploy(ctx, zip, deployment.options);
    await keep(db, { ...deployment, result: finished(ctx, started, outcome) });
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error);
    const result: DeployResult = {
      ...started,
      status: 'Failed',
      done: true,
      errorStatusCode: 'UNKNOWN_EXCEPTION',
      errorMessage,
    };
    await keep(db, { ...deployment, result }).catch(() => undefined);
  }
}

async function keep(db: Db, deployment: Deployment): Promise<Deployment> {
  await db.query('update _deploy set result = $2 where id = $1', [
    deployment.result.id,
    JSON.stringify(deployment),
  ]);
  return deployment;
}

function finished(
  ctx: Context,
  started: DeployResult,
  { messages, total, isApplied }: Outcome,
): DeployResult {
  const componentFailures = messages.filter((each) => !each.success);
  const componentSuccesses = messages.filter((each) => each.success);
  const deployed = componentSuccesses.filter((each) => each.componentType !== '').length;
  const now = ctx.org.clock.now().toISOString();
  const isPartial = componentFailures.length > 0 && isApplied && deployed > 0;
  return {
    ...started,
    status: componentFailures.length === 0 ? 'Succeeded' : isPartial ? 'SucceededPartial' : 'Failed',
    done: true,
    success: componentFailures.length === 0 || isPartial,
    completedDate: now,
    lastModifiedDate: now,
    numberComponentErrors: componentFailures.length,
    numberComponentsDeployed: deployed,
    numberComponentsTotal: total,
    details: { ...started.details, componentFailures, componentSuccesses },
  };
}

function pending({ org, user }: Context, id: string, options: DeployOptions): DeployResult {
  const now = org.clock.now().toISOString();
  return {
    id,
    status: 'Pending',
    done: false,
    success: false,
    checkOnly: options.checkOnly,
    rollbackOnError: options.rollbackOnError,
    ignoreWarnings: options.ignoreWarnings,
    runTestsEnabled: false,
    createdBy: user.id,
    createdByName: user.name,
    createdDate: now,
    lastModifiedDate: now,
    numberComponentErrors: 0,
    numberComponentsDeployed: 0,
    numberComponentsTotal: 0,
    numberTestErrors: 0,
    numberTestsCompleted: 0,
    numberTestsTotal: 0,
    details: {
      componentFailures: [],
      componentSuccesses: [],
      runTestResult: { numFailures: 0, numTestsRun: 0, totalTime: 0 },
    },
  };
}
