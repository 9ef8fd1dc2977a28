import { connect } from './connection.ts';
import { toFailure } from './errors.ts';

/** What became of a deployment. */
export interface Deployment {
  isSuccess: boolean;
  components: number;
  /** Each component that was refused, with Salesforce's reason. */
  problems: { component: string; reason: string }[];
}

interface Message {
  fullName?: string;
  componentType?: string;
  problem?: string;
}

/** Deploys a zip in Metadata API form, all of it or nothing, and waits until the org has finished. */
export async function deployZip(zip: Buffer): Promise<Deployment> {
  const { metadata } = await connect();
  metadata.pollInterval = 500;
  metadata.pollTimeout = 15 * 60_000;
  try {
    const result = await metadata.deploy(zip, { rollbackOnError: true, singlePackage: true }).complete(true);
    const details = (result as { details?: { componentFailures?: Message | Message[] } }).details;
    const failures = [details?.componentFailures ?? []].flat();
    const problems = failures.map((one) => ({
      component: `${one.componentType ?? ''} ${one.fullName ?? ''}`.trim(),
      reason: one.problem ?? 'no reason given',
    }));
    if (!result.success && problems.length === 0)
      problems.push({ component: 'package', reason: result.errorMessage ?? result.status });
    return { isSuccess: result.success, components: result.numberComponentsTotal, problems };
  } catch (error) {
    throw toFailure(error);
  }
}
