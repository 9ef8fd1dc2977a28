import { asList, asText } from '../soap/envelope.ts';

/** What a deployment is told, in the names of the Metadata API. */
export interface DeployOptions {
  allowMissingFiles: boolean;
  autoUpdatePackage: boolean;
  checkOnly: boolean;
  ignoreWarnings: boolean;
  performRetrieve: boolean;
  purgeOnDelete: boolean;
  rollbackOnError: boolean;
  runTests: string[] | null;
  singlePackage: boolean;
  testLevel: TestLevel;
}

const testLevels = [
  'NoTestRun',
  'RunSpecifiedTests',
  'RunRelevantTests',
  'RunLocalTests',
  'RunAllTestsInOrg',
] as const;
type TestLevel = (typeof testLevels)[number];

/** Options that cannot be; the message is Salesforce's. */
export class BadOptions extends Error {}

/** Options as they come in XML or JSON, where `true` may be a string, with Salesforce's defaults. @throws BadOptions */
export function optionsOf(given: Record<string, unknown>): DeployOptions {
  const flag = (name: string) => asText(given[name]) === 'true';
  return {
    allowMissingFiles: flag('allowMissingFiles'),
    autoUpdatePackage: flag('autoUpdatePackage'),
    checkOnly: flag('checkOnly'),
    ignoreWarnings: flag('ignoreWarnings'),
    performRetrieve: flag('performRetrieve'),
    purgeOnDelete: flag('purgeOnDelete'),
    rollbackOnError: flag('rollbackOnError'),
    runTests: testsOf(given.runTests),
    singlePackage: flag('singlePackage'),
    testLevel: levelOf(asText(given.testLevel)),
  };
}

function testsOf(given: unknown): string[] | null {
  const names = asList(given).flatMap((each) => asText(each) ?? []);
  return names.length === 0 ? null : names;
}

function levelOf(given: string | undefined): TestLevel {
  if (given === undefined || given === '') return 'NoTestRun';
  const known = testLevels.find((each) => each === given);
  if (known === undefined) throw new BadOptions(`'${given}' is not a valid value for the enum 'TestLevel'`);
  return known;
}
