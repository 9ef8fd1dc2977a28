import type { Context } from '../context.ts';
import type { Outcome } from './deploy.ts';
import type { DeployMessage } from './messages.ts';
import type { DeployOptions } from './options.ts';

/** A deployment as checkDeployStatus tells of it. */
export interface DeployResult {
  id: string;
  status: 'Pending' | 'InProgress' | 'Succeeded' | 'SucceededPartial' | 'Failed' | 'Canceling' | 'Canceled';
  done: boolean;
  success: boolean;
  canceledBy?: string;
  canceledByName?: string;
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
  numberFiles: number;
  numberTestErrors: number;
  numberTestsCompleted: number;
  numberTestsTotal: number;
  zipSize: number;
  details: {
    componentFailures: DeployMessage[];
    componentSuccesses: DeployMessage[];
    runTestResult: Record<string, number>;
  };
}

/** A deployment that waits for its turn. */
export function pending(
  { org, user }: Context,
  { id, options, zip }: { id: string; options: DeployOptions; zip: Buffer },
): DeployResult {
  const now = org.clock.now().toISOString();
  return {
    id,
    status: 'Pending',
    done: false,
    success: false,
    checkOnly: options.checkOnly,
    rollbackOnError: options.rollbackOnError,
    ignoreWarnings: options.ignoreWarnings,
    runTestsEnabled: options.testLevel !== 'NoTestRun',
    createdBy: user.id,
    createdByName: user.name,
    createdDate: now,
    lastModifiedDate: now,
    numberComponentErrors: 0,
    numberComponentsDeployed: 0,
    numberComponentsTotal: 0,
    numberFiles: filesIn(zip),
    numberTestErrors: 0,
    numberTestsCompleted: 0,
    numberTestsTotal: 0,
    zipSize: zip.length,
    details: {
      componentFailures: [],
      componentSuccesses: [],
      runTestResult: { numFailures: 0, numTestsRun: 0, totalTime: 0 },
    },
  };
}

/** As the end of a zip's directory says; 0 for what is no zip. */
function filesIn(zip: Buffer): number {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  return end < 0 || end + 12 > zip.length ? 0 : zip.readUInt16LE(end + 10);
}

/** The same when it is over: `stopped` is how it was kept meanwhile, when somebody cancelled it. */
export function finished(
  ctx: Context,
  {
    started,
    outcome,
    stopped,
  }: { started: DeployResult; outcome: Outcome; stopped: DeployResult | undefined },
): DeployResult {
  const { messages, total } = outcome;
  const componentFailures = messages.filter((each) => !each.success);
  const componentSuccesses = messages.filter((each) => each.success);
  const deployed = componentSuccesses.filter((each) => each.componentType !== '').length;
  const now = ctx.org.clock.now().toISOString();
  const status = statusOf(outcome, deployed);
  return {
    ...(stopped ?? started),
    status: stopped ? 'Canceled' : status,
    done: true,
    success: !stopped && status !== 'Failed',
    completedDate: now,
    lastModifiedDate: now,
    numberComponentErrors: componentFailures.length,
    numberComponentsDeployed: deployed,
    numberComponentsTotal: total,
    details: { ...started.details, componentFailures, componentSuccesses },
  };
}

function statusOf({ messages, isApplied }: Outcome, deployed: number): DeployResult['status'] {
  if (messages.every((each) => each.success)) return 'Succeeded';
  return isApplied && deployed > 0 ? 'SucceededPartial' : 'Failed';
}
