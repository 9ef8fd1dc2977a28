import { Connection } from 'jsforce';

import { config } from '../../config.ts';

import { connect } from './connection.ts';
import { SalesforceFailure, toFailure } from './errors.ts';

/** A component that Salesforce refused. */
export interface DeployProblem {
  type: string;
  name: string;
  /** In Salesforce's words. */
  reason: string;
  file: string;
  line: number | undefined;
  column: number | undefined;
}

/** What became of a deployment. */
export interface Deployment {
  id: string;
  isSuccess: boolean;
  components: number;
  created: string[];
  changed: string[];
  problems: DeployProblem[];
}

/** How to deploy. */
export interface DeployWishes {
  /** Salesforce does everything and takes it back. */
  checkOnly?: boolean;
  /** Somebody else's sign-in in place of our own. */
  access?: { instanceUrl: string; accessToken: string } | undefined;
  onProgress?: (done: number, total: number) => void;
}

interface Message {
  fullName?: string;
  fileName?: string;
  componentType?: string | null;
  problem?: string | null;
  created?: boolean | string;
  changed?: boolean | string;
  lineNumber?: number | string | null;
  columnNumber?: number | string | null;
}

const LONGEST_MILLISECONDS = 15 * 60_000;
const SHORTEST_LOOK_MILLISECONDS = 60;
const LONGEST_LOOK_MILLISECONDS = 2_000;

/** Deploys a zip in Metadata API form, all of it or nothing, and waits until the org has finished. */
export async function deployZip(zip: Buffer, wishes: DeployWishes = {}): Promise<Deployment> {
  try {
    const { metadata } = wishes.access ? connectionOf(wishes.access) : await connect();
    const options = { rollbackOnError: true, singlePackage: true, checkOnly: wishes.checkOnly ?? false };
    const { id } = await metadata.deploy(zip, options);
    const result = await finished(id, (one) => metadata.checkDeployStatus(one, true), wishes);
    return deploymentOf(id, result as unknown as Result);
  } catch (error) {
    throw toFailure(error);
  }
}

const connectionOf = (access: { instanceUrl: string; accessToken: string }): Connection =>
  new Connection({ ...access, version: config.SALESFORCE_API_VERSION });

interface Status {
  done: boolean;
  numberComponentsDeployed: number;
  numberComponentsTotal: number;
}

async function finished<T extends Status>(
  id: string,
  look: (id: string) => Promise<T>,
  { onProgress }: DeployWishes,
): Promise<T> {
  const until = Date.now() + LONGEST_MILLISECONDS;
  for (let pause = SHORTEST_LOOK_MILLISECONDS; Date.now() < until;) {
    await new Promise((wait) => setTimeout(wait, pause));
    const status = await look(id);
    onProgress?.(status.numberComponentsDeployed, status.numberComponentsTotal);
    if (status.done) return status;
    pause = Math.min(LONGEST_LOOK_MILLISECONDS, pause * 1.5);
  }
  throw new SalesforceFailure('DEPLOY_TIMEOUT', `Deployment ${id} did not finish within fifteen minutes`);
}

interface Result extends Status {
  success: boolean;
  status: string;
  errorMessage?: string;
  details?: { componentFailures?: Message | Message[]; componentSuccesses?: Message | Message[] };
}

function deploymentOf(id: string, result: Result): Deployment {
  const problems = [result.details?.componentFailures ?? []].flat().map(problemOf);
  const done = [result.details?.componentSuccesses ?? []].flat().filter((each) => each.componentType);
  const isTrue = (value: unknown) => value === true || value === 'true';
  const created = done.filter((each) => isTrue(each.created));
  if (!result.success && problems.length === 0)
    problems.push(problemOf({ fullName: 'package.xml', problem: result.errorMessage ?? result.status }));
  return {
    id,
    isSuccess: result.success,
    components: result.numberComponentsTotal,
    created: created.map(nameOf),
    changed: done.filter((each) => isTrue(each.changed) && !isTrue(each.created)).map(nameOf),
    problems,
  };
}

const nameOf = ({ componentType, fullName }: Message): string =>
  `${componentType ?? ''} ${fullName ?? ''}`.trim();

function problemOf(message: Message): DeployProblem {
  const number = (value: number | string | null | undefined) => (value ? Number(value) : undefined);
  return {
    type: message.componentType ?? '',
    name: message.fullName ?? '',
    reason: message.problem ?? 'no reason given',
    file: message.fileName ?? '',
    line: number(message.lineNumber),
    column: number(message.columnNumber),
  };
}
