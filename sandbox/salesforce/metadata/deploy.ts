import { readArchive } from './archive.ts';
import { kindOf, notFound, removeComponent } from './kinds.ts';
import { failure, success, warning } from './messages.ts';
import { manifestFailures, outlookFor, plannedOf, problemOf } from './plan.ts';
import { attempt, inWorkspace } from './workspace.ts';

import type { Context } from '../context.ts';
import type { Archive, Component, Destruction } from './archive.ts';
import type { DeployMessage } from './messages.ts';
import type { DeployOptions } from './options.ts';

/** What became of the whole. */
export interface Outcome {
  messages: DeployMessage[];
  total: number;
  /** Whether anything was changed in the org. */
  isApplied: boolean;
}

/** What a deployment in progress tells and asks. */
export interface Progress {
  done: (components: number, errors: number) => void;
  isCanceled: () => boolean;
}

/**
 * Deploys a zip into the org in one transaction, which is given up again when it is only to be checked, is cancelled, or when
 * something failed and all is to be rolled back. @throws Error for what is no package at all
 */
export async function deploy(
  ctx: Context,
  zip: Uint8Array,
  options: DeployOptions,
  progress: Progress = unwatched,
): Promise<Outcome> {
  const archive = readArchive(zip);
  const manifest = { type: '', fullName: 'package.xml', fileName: archive.manifestPath };
  if (archive.version === undefined)
    return { messages: [failure(ctx, manifest, 'No package.xml found')], total: 0, isApplied: false };
  const planned = plannedOf(archive);
  const total = planned.length + archive.destructive.length;
  const messages = await inWorkspace(ctx, async (inside) => {
    const result = await applyAll(inside, archive, { planned, options, progress });
    return { result, isKept: isKept(result, options) && !progress.isCanceled() };
  });
  const isApplied = isKept(messages, options) && !progress.isCanceled();
  return { messages: [...messages, success(ctx, manifest)], total, isApplied };
}

const unwatched: Progress = { done: () => undefined, isCanceled: () => false };

const isKept = (messages: DeployMessage[], { checkOnly, rollbackOnError }: DeployOptions): boolean =>
  !checkOnly && !(rollbackOnError && messages.some((each) => !each.success));

async function applyAll(
  ctx: Context,
  archive: Archive,
  { planned, options, progress }: { planned: Component[]; options: DeployOptions; progress: Progress },
): Promise<DeployMessage[]> {
  const messages = manifestFailures(ctx, archive, options);
  const remove = async (when: Destruction['when']) => {
    for (const each of archive.destructive.filter((one) => one.when === when))
      messages.push(await removeOne(ctx, each, options));
  };
  await remove('before');
  const outlook = outlookFor(ctx.org.catalog, planned);
  for (const component of planned) {
    if (progress.isCanceled()) return messages;
    messages.push(await applyOne(ctx, component, problemOf(component, outlook)));
    progress.done(messages.length, messages.filter((each) => !each.success).length);
  }
  await remove('after');
  return messages;
}

async function applyOne(
  ctx: Context,
  component: Component,
  problem: string | undefined,
): Promise<DeployMessage> {
  if (problem !== undefined) return failure(ctx, component, problem);
  try {
    const apply = (inside: Context) => kindOf(component.type).apply(inside, component);
    return success(ctx, component, await attempt(ctx, apply));
  } catch (error) {
    if (isLock(error)) throw error;
    return failure(ctx, component, error instanceof Error ? error.message : String(error));
  }
}

/** A lock concerns the whole deployment, not the component that met it. */
const isLock = (error: unknown) => ['55P03', '40P01'].includes((error as { code?: string }).code ?? '');

async function removeOne(
  ctx: Context,
  destruction: Destruction,
  { ignoreWarnings }: DeployOptions,
): Promise<DeployMessage> {
  const { type, fullName } = destruction;
  const problem = await attempt(ctx, (inside) => removeComponent(inside, type, fullName));
  if (problem === undefined) return { ...success(ctx, destruction), deleted: true };
  return problem === notFound(type, fullName)
    ? warning(ctx, destruction, { problem, isIgnored: ignoreWarnings })
    : failure(ctx, destruction, problem);
}
