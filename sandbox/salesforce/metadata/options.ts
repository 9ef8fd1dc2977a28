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
  const flag = (name: string, otherwise = false) =>
    given[name] === undefined ? otherwise : given[name] === true || given[name] === 'true';
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
    testLevel: levelOf(given.testLevel),
  };
}

function testsOf(given: unknown): string[] | null {
  const names = [given ?? []]
    .flat()
    .filter((each): each is string => typeof each === 'string' && each !== '');
  return names.length === 0 ? null : names;
}

function levelOf(given: unknown): TestLevel {
  if (given === undefined || given === null || given === '') return 'NoTestRun';
  const known = testLevels.find((each) => each === given);
  if (known === undefined)
    throw new BadOptions(
      `'${typeof given === 'string' ? given : JSON.stringify(given)}' is not a valid value for the enum 'TestLevel'`,
    );
  return known;
}
