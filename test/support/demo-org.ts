import { seedOrg } from '../../sandbox/demo/seed.ts';
import { deploy } from '../../sandbox/salesforce/metadata/deploy.ts';
import { optionsOf } from '../../sandbox/salesforce/metadata/options.ts';
import { packageZip } from '../../scripts/salesforce-deploy.ts';
import { contextOfAdmin } from '../sandbox/records/admin.ts';

import type { Org } from '../../sandbox/salesforce/context.ts';

/** Deploys the package in salesforce/ to an org. @throws Error that names what was refused. */
export async function deployPackageTo(org: Org): Promise<void> {
  const options = optionsOf({ rollbackOnError: true });
  const { messages } = await deploy(await contextOfAdmin(org), packageZip(), options);
  const problems = messages
    .filter(({ success }) => !success)
    .map(({ fullName, problem }) => `${fullName}: ${problem ?? ''}`);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Makes an empty org the demo's: package first, then so many accounts. */
export async function seedDemo(org: Org, accounts: number): Promise<void> {
  await deployPackageTo(org);
  await seedOrg(org, { accounts });
}
