import type { Connection } from 'jsforce';

import { type RunningSandbox, startSandbox } from './sandbox.ts';

/**
 * A sandbox org with our package in it, and the product pointed at it: both on the test's own database. The product's modules
 * are imported here and not by the test file's imports, since settings are read once.
 */
export async function startSalesforce() {
  const sandbox = await startSandbox(process.env.DATABASE_URL);
  process.env.SANDBOX_URL = sandbox.url;
  const { deployPackage } = await import('../../scripts/salesforce-deploy.ts');
  const components = await deployPackage();
  const { exchange } = await import('../../src/sync.ts');
  const { createSync } = await import('../../src/platform/salesforce/runner.ts');
  const org = await sandbox.connect();
  return { sandbox, org, components, exchange, sync: createSync(exchange), control: controlOf(sandbox) };
}

/** The sandbox's control plane: `tell('/faults', {…})`. */
function controlOf({ url }: RunningSandbox) {
  return async (path: string, body: object = {}): Promise<unknown> => {
    const answer = await fetch(`${url}/__sandbox__${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}

/** Creates a record as somebody in Salesforce would. @returns its id */
export async function created(
  org: Connection,
  sobject: string,
  fields: Record<string, unknown>,
): Promise<string> {
  const result = await org.sobject(sobject).create(fields);
  if (!result.success) throw new Error(JSON.stringify(result.errors));
  return result.id;
}
