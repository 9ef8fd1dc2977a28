import { idOf } from '../records/ids.ts';
import { deploy } from './deploy.ts';
import { finished, pending } from './deploy-result.ts';
import { optionsOf } from './options.ts';

import type { Db } from '../../database.ts';
import type { Context, Org } from '../context.ts';
import type { DeployResult } from './deploy-result.ts';
import type { DeployOptions } from './options.ts';

/** A deployment with the options it was started with. */
export interface Deployment {
  result: DeployResult;
  options: DeployOptions;
  /** The check that this deployment carries out. */
  validatedId?: string;
}

/** An org deploys one package after the other; this is the last that waits. */
const queues = new WeakMap<Org['pool'], Promise<void>>();
/** Ids of those that somebody wants to stop. */
const canceled = new Set<string>();

/** Takes a zip on; it is deployed behind the caller's back. Returns the deployment as it is now: Pending. @throws BadOptions */
export async function startDeployment(
  ctx: Context,
  zip: Buffer,
  given: Record<string, unknown>,
  validatedId?: string,
): Promise<Deployment> {
  const options = optionsOf(given);
  const { rows } = await ctx.org.pool.query(`select nextval('_component_ids') as counter`);
  const id = idOf('0Af', Number((rows as { counter: number }[])[0]?.counter));
  const deployment: Deployment = {
    result: pending(ctx, { id, options, zip }),
    options,
    ...(validatedId === undefined ? {} : { validatedId }),
  };
  await ctx.org.pool.query('insert into _deploy (id, created_at, zip, result) values ($1, $2, $3, $4)', [
    id, deployment.result.createdDate, zip, JSON.stringify(deployment),
  ]); // prettier-ignore
  const before = queues.get(ctx.org.pool) ?? Promise.resolve();
  queues.set(
    ctx.org.pool,
    before.then(() => run(ctx, zip, deployment)),
  );
  return deployment;
}

/** The deployment of that id, 15 or 18 characters. */
export async function maybeDeployment(db: Db, id: string): Promise<Deployment | undefined> {
  const { rows } = await db.query('select result from _deploy where left(id, 15) = left($1, 15)', [id]);
  return (rows as { result: Deployment }[])[0]?.result;
}

/** How long a check may be deployed without being repeated. */
const QUICK_DEPLOY_MILLISECONDS = 10 * 24 * 3600 * 1000;

/** Deploys what was checked with success in the last ten days; undefined when that id stands for no such check. */
export async function redeploy(ctx: Context, id: string): Promise<Deployment | undefined> {
  const { rows } = await ctx.org.pool.query(
    'select zip, result from _deploy where left(id, 15) = left($1, 15)',
    [id],
  );
  const [validated] = rows as { zip: Buffer; result: Deployment }[];
  const result = validated?.result.result;
  if (!validated || !result?.checkOnly || !result.success) return undefined;
  if (Date.parse(result.createdDate) < ctx.org.clock.now().getTime() - QUICK_DEPLOY_MILLISECONDS)
    return undefined;
  const options = { ...validated.result.options, checkOnly: false };
  return startDeployment(ctx, validated.zip, options, result.id);
}

/** Gives up a deployment that is not done; undefined when there is none of that id. */
export async function cancelDeployment(ctx: Context, id: string): Promise<Deployment | undefined> {
  const deployment = await maybeDeployment(ctx.db, id);
  if (!deployment || deployment.result.done) return deployment;
  canceled.add(deployment.result.id);
  const by = { canceledBy: ctx.user.id, canceledByName: ctx.user.name };
  const isWaiting = deployment.result.status === 'Pending';
  const status = isWaiting
    ? ({ status: 'Canceled', done: true } as const)
    : ({ status: 'Canceling' } as const);
  return keep(ctx.db, { ...deployment, result: { ...deployment.result, ...by, ...status } });
}

async function run(ctx: Context, zip: Buffer, deployment: Deployment): Promise<void> {
  const db = ctx.org.pool;
  const { id } = deployment.result;
  if (canceled.delete(id)) return;
  const startDate = ctx.org.clock.now().toISOString();
  const started: DeployResult = { ...deployment.result, status: 'InProgress', startDate };
  try {
    await keep(db, { ...deployment, result: started });
    const progress = { done: () => undefined, isCanceled: () => canceled.has(id) };
    const outcome = await deploy(ctx, zip, deployment.options, progress);
    const stopped = canceled.has(id) ? (await maybeDeployment(db, id))?.result : undefined;
    await keep(db, { ...deployment, result: finished(ctx, { started, outcome, stopped }) });
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error);
    const failed = {
      status: 'Failed',
      done: true,
      errorStatusCode: 'UNKNOWN_EXCEPTION',
      errorMessage,
    } as const;
    const completedDate = ctx.org.clock.now().toISOString();
    const result: DeployResult = { ...started, ...failed, completedDate, lastModifiedDate: completedDate };
    await keep(db, { ...deployment, result }).catch(() => undefined);
  } finally {
    canceled.delete(id);
  }
}

async function keep(db: Db, deployment: Deployment): Promise<Deployment> {
  await db.query('update _deploy set result = $2 where id = $1', [
    deployment.result.id,
    JSON.stringify(deployment),
  ]);
  return deployment;
}
