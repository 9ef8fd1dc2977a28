import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { restClient } from '../rest/client.ts';
import { startSandbox } from '../../support/sandbox.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
});
afterAll(() => sandbox.close());

interface Rule {
  condition: string;
  message?: string;
  field?: string;
  active?: boolean;
}

/** Deploys a rule through the Metadata API; the answer is its problem, if it has one. */
async function deploy(fullName: string, { condition, message = 'No.', field, active = true }: Rule) {
  const metadata = { fullName, active, errorConditionFormula: condition, errorMessage: message, ...(field && { errorDisplayField: field }) };
  const [result] = [await salesforce.metadata.upsert('ValidationRule', metadata as never)].flat() as { success: boolean; errors?: { message: string } | { message: string }[] }[];
  return result?.success ? undefined : [result?.errors ?? []].flat()[0]?.message;
} // prettier-ignore

const create = (object: string, record: Record<string, unknown>) => salesforce.sobject(object).create(record);

// prettier-ignore
describe('a validation rule', () => {
  test('refuses what it is true of, at its field or at the record, in every API', async () => {
    expect(await deploy('Account.Needs_Phone', { condition: 'AND(ISPICKVAL(Type, "MSP"), ISBLANK(Phone))', message: 'An MSP needs a phone.', field: 'Phone' })).toBeUndefined();
    expect(await deploy('Account.No_Shouting', { condition: 'REGEX(Name, "[A-Z]{4,}") && LEN(Name) > 3', message: 'Do not shout.' })).toBeUndefined();
    const rest = restClient(salesforce);
    expect(await rest('POST', '/sobjects/Account', { body: { Name: 'Quiet', Type: 'MSP' } })).toMatchObject({
      status: 400,
      body: [{ message: 'An MSP needs a phone.', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['Phone'] }],
    });
    expect((await rest('POST', '/sobjects/Account', { body: { Name: 'LOUD', Type: 'MSP' } })).body).toEqual([
      { message: 'An MSP needs a phone.', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['Phone'] },
      { message: 'Do not shout.', errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: [] },
    ]);
    const records = [{ Name: 'LOUD' }, { Name: 'Soft' }].map((each) => ({ attributes: { type: 'Account' }, ...each }));
    expect((await rest('POST', '/composite/sobjects', { body: { records } })).body).toMatchObject([
      { success: false, errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Do not shout.', fields: [] }] },
      { success: true },
    ]);
    salesforce.bulk2.pollInterval = 50;
    const { failedResults, successfulResults } = await salesforce.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input: 'Name,Type\nSoft,MSP\nSofter,\n' });
    expect(failedResults).toMatchObject([{ sf__Error: 'FIELD_CUSTOM_VALIDATION_EXCEPTION:An MSP needs a phone.:Phone --' }]);
    expect(successfulResults).toHaveLength(1);
  });

  test('knows what a record was before, what is reckoned, its parents and who saves it', async () => {
    expect(await deploy('Opportunity.No_Way_Back', { condition: 'AND(NOT(ISNEW()), ISCHANGED(StageName), ISPICKVAL(PRIORVALUE(StageName), "Closed Won"))', message: 'Won is won.', field: 'StageName' })).toBeUndefined();
    expect(await deploy('Opportunity.Small', { condition: 'IsWon && Amount < 1 && Account.Name = "Stingy" && $User.Username = "admin@rapport.sandbox"', message: 'Too small.' })).toBeUndefined();
    expect(await deploy('Contact.Full', { condition: 'Name = "No Body"', message: 'Nobody.' })).toBeUndefined();
    const { id: AccountId } = await create('Account', { Name: 'Stingy' });
    const base = { Name: 'O', StageName: 'Closed Won', CloseDate: '2026-12-01', AccountId };
    await expect(create('Opportunity', { ...base, Amount: 0.5 })).rejects.toMatchObject({ errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Too small.' });
    const { id } = await create('Opportunity', { ...base, Amount: 5 });
    await expect(salesforce.sobject('Opportunity').update({ Id: String(id), StageName: 'Prospecting' })).rejects.toMatchObject({ message: 'Won is won.' });
    await expect(salesforce.sobject('Opportunity').update({ Id: String(id), Amount: 0 })).rejects.toMatchObject({ message: 'Too small.' });
    await expect(salesforce.sobject('Opportunity').update({ Id: String(id), NextStep: 'x' })).resolves.toMatchObject({ success: true });
    await expect(create('Contact', { FirstName: 'No', LastName: 'Body' })).rejects.toMatchObject({ message: 'Nobody.' });
  });

  test('rests while it is inactive, and is gone once deleted', async () => {
    await deploy('Lead.Never', { condition: 'TRUE' });
    await expect(create('Lead', { LastName: 'L', Company: 'C' })).rejects.toMatchObject({ message: 'No.' });
    await deploy('Lead.Never', { condition: 'TRUE', active: false });
    await expect(create('Lead', { LastName: 'L', Company: 'C' })).resolves.toMatchObject({ success: true });
    await deploy('Lead.Never', { condition: 'TRUE' });
    await salesforce.metadata.delete('ValidationRule', 'Lead.Never');
    await expect(create('Lead', { LastName: 'L', Company: 'C' })).resolves.toMatchObject({ success: true });
  });

  test.each([
    ['LEN(', 'Syntax error'],
    ['LEN(Name', `Syntax error. Missing ')'`],
    ['Name = "a" "b"', 'Syntax error. Extra b'],
    ['Nam = "a"', 'Field Nam does not exist. Check spelling.'],
    ['FOO(Name)', 'Unknown function FOO. Check spelling.'],
    ['LEN(Name, 1) > 1', `Incorrect number of parameters for function 'LEN()'. Expected 1, received 2`],
    ['LEN(AnnualRevenue) > 1', `Incorrect parameter type for function 'LEN()'. Expected Text, received Number`],
    ['Name > 1', `Incorrect parameter type for operator '>'. Expected Text, received Number`],
    ['Type = "MSP"', 'Field Type is a picklist field. Picklist fields are only supported in certain functions.'],
    ['REGEX(Name, "(")', 'invalid regular expression'],
    ['Name & "x"', 'Formula result is data type (Text), incompatible with expected data type (true or false).'],
  ])('is not deployed when its formula makes no sense: %s', async (condition, problem) => {
    expect(await deploy('Account.Senseless', { condition })).toContain(problem);
  });

  test('costs a large batch next to nothing', async () => {
    const { createRecords } = await import('../../../sandbox/salesforce/records/save.ts');
    const { contextOfAdmin } = await import('./admin.ts');
    const ctx = await contextOfAdmin(sandbox.org);
    const rows = Array.from({ length: 10_000 }, (_, at) => ({ Name: at % 10 === 0 ? 'LOUD' : 'Soft', Type: 'MSP', Phone: '1' }));
    const started = performance.now();
    const results = await createRecords(ctx, 'Account', rows);
    expect(results.filter(({ success }) => !success)).toHaveLength(1000);
    expect(performance.now() - started).toBeLessThan(8000);
  });
});
