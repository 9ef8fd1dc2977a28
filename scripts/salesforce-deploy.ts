import { parseArgs } from 'node:util';

import { staff } from '../sandbox/cast.ts';
import { config } from '../src/platform/config.ts';
import { SalesforceFailure } from '../src/platform/salesforce/wire/errors.ts';
import { deployZip } from '../src/platform/salesforce/wire/metadata.ts';

import { adviceFor } from './salesforce/advice.ts';
import { neededValues, packageOf } from './salesforce/package.ts';

import type { DeployProblem, Deployment, DeployWishes } from '../src/platform/salesforce/wire/metadata.ts';

/**
 * Deploys the package in salesforce/ to the org that Rapport is connected to. Deploying again changes nothing.
 * @throws Error that names every component which was refused.
 */
export async function deployPackage(): Promise<number> {
  const { isSuccess, components, problems } = await deployZip(packageZip());
  if (isSuccess) return components;
  throw new Error(`Salesforce refused the package; nothing of it was deployed:\n${told(problems)}`);
}

/** The package as it is deployed: a zip in Metadata API form. */
export const packageZip = (without: readonly string[] = []): Buffer =>
  packageOf({ values: values(), without });

/** What the package's files are filled with. In the sandbox org the administrator is the one whom Rapport runs as. */
function values(): Record<string, string | undefined> {
  const runAs = config.SALESFORCE_USERNAME ?? (config.isSandbox ? staff.admin.username : undefined);
  return {
    PUBLIC_URL: config.publicUrl,
    BRAND_SUPPORT_EMAIL: config.BRAND_SUPPORT_EMAIL,
    SALESFORCE_USERNAME: runAs,
  };
}

function told(problems: DeployProblem[]): string {
  return problems
    .map((problem) => {
      const { type, name, reason, file, line, column } = problem;
      const place = line === undefined ? file : `${file}:${String(line)}:${String(column)}`;
      return `  ${`${type} ${name}`.trim()}: ${reason}\n    in ${place || 'the package'}\n    → ${adviceFor(problem)}`;
    })
    .join('\n');
}

const USAGE = `Usage: npm run salesforce:deploy -- [--dry-run] [--without=TYPE …]

  --dry-run        Salesforce does everything and takes it back: shows what would change
  --without=TYPE   leaves components of that type out, for example PlatformEventChannelMember

Deploys salesforce/ to the org of SALESFORCE_LOGIN_URL, or to the sandbox org. The sign-in is Rapport's own; for the first
deployment, or where Rapport's user may not deploy, give an administrator's: SALESFORCE_ACCESS_TOKEN and SALESFORCE_INSTANCE_URL.
`;

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      'dry-run': { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) {
    process.stdout.write(USAGE);
    return;
  }
  const access = administratorsAccess();
  const checkOnly = flags['dry-run'];
  const target =
    access?.instanceUrl ?? config.SALESFORCE_LOGIN_URL ?? `the sandbox org at ${config.SANDBOX_URL}`;
  process.stdout.write(`${checkOnly ? 'Checking' : 'Deploying'} salesforce/ against ${target} …\n`);
  for (const line of leftOut()) process.stdout.write(`  ${line}\n`);
  const started = Date.now();
  const deployment = await deployZip(packageZip(flags.without), {
    checkOnly,
    access,
    onProgress: progress(),
  });
  report(deployment, { checkOnly, seconds: (Date.now() - started) / 1000 });
}

/** An administrator's sign-in from the environment, as `sf org auth show-access-token` gives it. */
function administratorsAccess(): DeployWishes['access'] {
  const { SALESFORCE_ACCESS_TOKEN: accessToken, SALESFORCE_INSTANCE_URL: instanceUrl } = process.env;
  if (!accessToken) return undefined;
  const url = instanceUrl || config.SALESFORCE_LOGIN_URL;
  if (!url) throw new Error('SALESFORCE_ACCESS_TOKEN needs SALESFORCE_INSTANCE_URL, the address of its org.');
  return { accessToken, instanceUrl: url.replace(/\/$/, '') };
}

/** Files for which a value is missing are not part of the package; says what to do about it. */
function leftOut(): string[] {
  const missing = neededValues().filter((name) => values()[name] === undefined);
  return missing.map((name) =>
    name === 'SALESFORCE_USERNAME'
      ? 'Without SALESFORCE_USERNAME the app’s policies stay as they are: set the user that Rapport runs as in Setup › External Client App Manager › Rapport › Policies.'
      : `${name} is not set: the file that needs it is left out.`,
  );
}

/** Tells how far it is, in one line, whenever that has changed. */
function progress(): (done: number, total: number) => void {
  let last = '';
  return (done, total) => {
    const line = `  ${String(done)} of ${String(total)} components\n`;
    if (total > 0 && line !== last) process.stdout.write(line);
    last = line;
  };
}

function report(
  { isSuccess, components, created, changed, problems, id }: Deployment,
  { checkOnly, seconds }: { checkOnly: boolean; seconds: number },
): void {
  if (!isSuccess) {
    process.stderr.write(
      `Salesforce refused ${String(problems.length)} of ${String(components)} components; nothing was changed (${id}):\n${told(problems)}\n`,
    );
    process.exitCode = 1;
    return;
  }
  for (const name of created) process.stdout.write(`  + ${name}\n`);
  for (const name of changed) process.stdout.write(`  ~ ${name}\n`);
  const same = components - created.length - changed.length;
  const counts = `${String(created.length)} new, ${String(changed.length)} changed, ${String(same)} as they were`;
  const [verb, end] = checkOnly
    ? ['Would deploy', ' Nothing was changed.']
    : ['Deployed', ' Then: npm run salesforce:check'];
  process.stdout.write(
    `${verb} ${String(components)} components: ${counts} (${id}, ${seconds.toFixed(1)} s).${end}\n`,
  );
}

/** A refusal of the sign-in or of the call itself, with what to do. */
function explained(error: unknown): string {
  if (!(error instanceof SalesforceFailure)) return error instanceof Error ? error.message : String(error);
  const problem = {
    type: '',
    name: '',
    reason: `${error.code} ${error.message}`,
    file: '',
    line: undefined,
    column: undefined,
  };
  return `${error.code}: ${error.message}\n  → ${error.kind === 'auth' ? 'Run npm run salesforce:check: it says what is wrong with the sign-in.' : adviceFor(problem)}`;
}

if (import.meta.main) {
  const { pool } = await import('../src/platform/db.ts');
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${explained(error)}\n`);
    process.exitCode = 1;
  } finally {
    await pool.end();
  }
}
