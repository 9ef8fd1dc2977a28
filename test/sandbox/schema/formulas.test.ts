import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { packageZip } from '../metadata/package.ts';
import { startSandbox } from '../../support/sandbox.ts';
import { defineField, defineObject } from '../../../sandbox/salesforce/schema/define.ts';

import type { Connection } from 'jsforce';
import type { FieldDefinition } from '../../../sandbox/salesforce/schema/catalog.ts';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let salesforce: Connection;

const formula = (name: string, type: FieldDefinition['type'], text: string, more: Partial<FieldDefinition> = {}) =>
  defineField(sandbox.org, 'Account', {
    name, type, label: name, formula: text, calculated: true, createable: false, updateable: false, scale: 2, precision: 18, ...more,
  }); // prettier-ignore

beforeAll(async () => {
  sandbox = await startSandbox();
  salesforce = await sandbox.connect();
  await sandbox.org.pool.query(`update "User" set "TimeZoneSidKey" = 'Europe/Berlin'`);
});
afterAll(() => sandbox.close());

const create = async (object: string, record: Record<string, unknown>) =>
  String((await salesforce.sobject(object).create(record)).id);
const one = async (soql: string) => (await salesforce.query<Record<string, unknown>>(soql)).records[0] ?? {};

// prettier-ignore
describe('a formula field', () => {
  test.each([
    [`1 + 2 * 3 - 4 / 2`, 5],
    [`2 ^ 3 * -1`, -8],
    [`ROUND(2.345, 2) + FLOOR(-2.5) + CEILING(-2.5) + ABS(-1) + MOD(7, 3)`, -0.65],
    [`MIN(3, 1, 2) + MAX(3, 1, 2)`, 4],
    [`1 / 0`, null],
    [`VALUE("12.50") + VALUE("x")`, null],
    [`LEN("añb") + FIND("b", "abab", 3)`, 7],
    [`DATE(2026, 3, 1) - DATE(2026, 2, 1)`, 28],
    [`YEAR(DATE(2026, 13, 1))`, null],
    [`YEAR(DATEVALUE("2024-02-29")) + MONTH(DATEVALUE("2024-02-29")) + DAY(DATEVALUE("2024-02-29"))`, 2055],
    [`(DATETIMEVALUE("2026-01-02 12:00:00") - DATETIMEVALUE("2026-01-01 00:00:00")) * 24`, 36],
    [`CASE(Industry, "Energy", 1, "Media", 2, 0)`, 2],
    [`CASE(WEEKDAY(DATE(2026, 11, 22)), 1, 10, 2, 20, 0)`, 10],
    [`IF(AND(NumberOfEmployees > 10, NOT(ISPICKVAL(Rating, "Hot"))), AnnualRevenue, 0)`, 1000],
    [`BLANKVALUE(NULL, 7) + NULLVALUE(NULL, 1)`, 8],
    [`POWER(2, 10) + SQRT(16) + EXP(0) + LN(1) + LOG(100) + TRUNC(1.99, 1) + MFLOOR(-1.5) + MCEILING(1.2)`, 1032.9],
    [`0 ^ -1`, null],
    [`SQRT(-1)`, null],
    [`IF(NOW() > DATETIMEVALUE("2020-01-01 00:00:00") && TODAY() > DATE(2020, 1, 1), 1, 0)`, 1],
    [`DAY(ADDMONTHS(DATE(2026, 1, 31), 1)) + DAYOFYEAR(DATE(2026, 2, 1)) + ISOWEEK(DATE(2026, 1, 8))`, 62],
    [`DATE(2026, 1, 1) + 30.9 - DATE(2026, 1, 1)`, 30],
    [`HOUR(TIMEVALUE(DATETIMEVALUE("2026-01-02 13:45:10"))) + MINUTE(TIMEVALUE(DATETIMEVALUE("2026-01-02 13:45:10")))`, 58],
    [`NumberOfEmployees - -1 - -(2)`, 14],
    [`IF(ISNUMBER("-1.5") && !ISNUMBER("1a") && ISBLANK(NULL) && ISNULL(Rating) && ISPICKVAL(Rating, ""), 1, 0)`, 1],
    [`MIN(AnnualRevenue, 5) + MAX(NULL, 2)`, 7],
  ])('reckons with numbers: %s', async (text, expected) => {
    await formula('Number__c', 'double', text);
    const id = await create('Account', { Name: 'N', Industry: 'Media', NumberOfEmployees: 11, AnnualRevenue: 1000 });
    expect((await one(`SELECT Number__c FROM Account WHERE Id = '${id}'`)).Number__c).toBe(expected);
  });

  test.each([
    [`"a" & 'b' & "\\"c\\"" & Phone`, 'ab"c"'],
    [`Name & " $1 " & TEXT(Industry) & TEXT(1.50) & TEXT(DATE(2026,1,2))`, 'Acme $1 Media1.52026-01-02'],
    [`LEFT(Name, 2) & RIGHT(Name, 1) & MID(Name, 2, 2) & UPPER("x") & LOWER("Y")`, 'AcecmXy'],
    [`SUBSTITUTE(TRIM("  a b  "), " ", "-")`, 'a-b'],
    [`IF(CONTAINS(Name, "cm") && BEGINS(Name, "Ac") && !REGEX(Name, "\\\\d+"), "yes", "no")`, 'yes'],
    [`IF(ISBLANK(Phone), NULL, "set")`, null],
    [`Owner.Username & "|" & $User.Email & "|" & $Profile.Name`, 'admin@rapport.sandbox|admin@rapport.example|System Administrator'],
    [`Parent.Name & Parent.Parent.Name`, ''],
    [`HYPERLINK("/" & CASESAFEID(Id), "see", "_self")`, /^<a href="\/001\w{15}" target="_self">see<\/a>$/],
    [`Id`, /^001\w{12}$/],
    [`CASE(Rating, "Hot", "h", TEXT(Industry))`, 'Media'],
    [`Owner:User.Profile.Name & CreatedBy.Alias`, /^System Administrator\w+$/],
    [`LPAD("7", 3, "0") & RPAD("x", 2) & "|" & REVERSE("ab") & INITCAP("ada b")`, '007x |baAda B'],
    [`IF(CONTAINS("a:b:c", "b") && CONTAINS("x", ""), SUBSTITUTE("a.b", ".", "$1"), NULL)`, 'a$1b'],
    [`CASE(MONTH(DATE(2026, 5, 1)), 5, "May", "Other") & BR() & "x"`, 'May\nx'],
    [`"a" + "b" & LEFT("abc", -1) & MID("abc", 0, 2) & RIGHT("abc", 99)`, 'abababc'],
    [`TEXT(DATETIMEVALUE("2026-01-02 03:04:05")) & TEXT(NULL)`, '2026-01-02 03:04:05Z'],
    [`/* nothing */ IF("a" = "A" || 1 <> 2, "ok", "")`, 'ok'],
  ])('writes texts: %s', async (text, expected) => {
    await formula('Text__c', 'string', text, { length: 1300 });
    const id = await create('Account', { Name: 'Acme', Industry: 'Media' });
    const { Text__c: found } = await one(`SELECT Text__c FROM Account WHERE Id = '${id}'`);
    if (expected instanceof RegExp) expect(found).toMatch(expected);
    else expect(found).toBe(expected === '' ? null : expected);
  });

  test('follows its parents and other formulas, is filtered, sorted, grouped and added up, and nothing touches the record', async () => {
    await formula('Text__c', 'string', `Parent.Name`, { length: 1300 });
    await formula('Number__c', 'double', `NumberOfEmployees * 2`);
    await formula('Twice__c', 'double', `Number__c + 1`);
    await formula('Big__c', 'boolean', `Twice__c > 100`);
    await formula('Due__c', 'date', `DATEVALUE(CreatedDate) + 30`);
    const ParentId = await create('Account', { Name: 'Mother' });
    const id = await create('Account', { Name: 'Child', ParentId, NumberOfEmployees: 60 });
    await create('Account', { Name: 'Child', ParentId, NumberOfEmployees: 5 });
    await sandbox.org.pool.query(`update "Account" set "SystemModstamp" = '2026-01-01'`);
    await salesforce.sobject('Account').update({ Id: ParentId, Name: 'Mother Ltd' });
    expect(await one(`SELECT Text__c, Twice__c, Big__c, SystemModstamp FROM Account WHERE Text__c = 'MOTHER LTD' ORDER BY Twice__c DESC`)).toMatchObject({
      Text__c: 'Mother Ltd', Twice__c: 121, Big__c: true, SystemModstamp: '2026-01-01T00:00:00.000+0000',
    });
    expect(await one(`SELECT COUNT(Id) n, SUM(Twice__c) total FROM Account WHERE Text__c LIKE 'mother%' GROUP BY Text__c`)).toMatchObject({ n: 2, total: 132 });
    expect(await one(`SELECT COUNT(Id) n FROM Account WHERE Due__c > TODAY AND Big__c = true`)).toMatchObject({ n: 1 });
    expect((await salesforce.sobject('Account').retrieve(id)).Twice__c).toBe(121);
    const contact = await create('Contact', { LastName: 'C', AccountId: id });
    expect(await one(`SELECT Account.Text__c, Account.Twice__c FROM Contact WHERE Id = '${contact}'`)).toMatchObject({ Account: { Text__c: 'Mother Ltd', Twice__c: 121 } });
    const found = (await salesforce.sobject('Account').describe()).fields.find(({ name }) => name === 'Twice__c');
    expect(found).toMatchObject({ calculated: true, calculatedFormula: 'Number__c + 1', createable: false, updateable: false, formulaTreatNullNumberAsZero: true });
    await expect(salesforce.sobject('Account').update({ Id: id, Twice__c: 3 })).rejects.toMatchObject({ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' });
    expect((await salesforce.search(`FIND {Child} IN ALL FIELDS RETURNING Account(Id, Twice__c)`)).searchRecords).toHaveLength(2);
  });

  test('is in the file of a Bulk query like any column', async () => {
    await formula('Text__c', 'string', `"costs $1 " & Name`, { length: 1300 });
    await create('Account', { Name: 'Bulky' });
    salesforce.bulk2.pollInterval = 50;
    const stream = await salesforce.bulk2.query(`SELECT Name, Text__c FROM Account WHERE Text__c = 'costs $1 bulky' AND Name != 'x'`);
    expect(await stream.toArray()).toEqual([{ Name: 'Bulky', Text__c: 'costs $1 Bulky' }]);
  });

  test('counts an empty number as nothing or keeps it empty, as it is told', async () => {
    await formula('Zero__c', 'double', `AnnualRevenue + 1`);
    await formula('Blank__c', 'double', `AnnualRevenue + 1`, { formulaTreatBlanksAs: 'BlankAsBlank' });
    const id = await create('Account', { Name: 'Empty' });
    expect(await one(`SELECT Zero__c, Blank__c FROM Account WHERE Id = '${id}'`)).toMatchObject({ Zero__c: 1, Blank__c: null });
  });
});

// prettier-ignore
test('roll-ups count, add and compare the children that their filters let through, and leave the parent alone', async () => {
  const nameField = { label: 'Line', type: 'string' } as const;
  await defineObject(sandbox.org, { name: 'Line__c', label: 'Line', labelPlural: 'Lines', nameField });
  await defineField(sandbox.org, 'Line__c', { name: 'Account__c', label: 'Account', type: 'reference', referenceTo: ['Account'], relationshipName: 'Account__r', childRelationshipName: 'Lines__r', cascadeDelete: true, nillable: false });
  await defineField(sandbox.org, 'Line__c', { name: 'Amount__c', label: 'Amount', type: 'currency', precision: 18, scale: 2 });
  await defineField(sandbox.org, 'Line__c', { name: 'Kind__c', label: 'Kind', type: 'string' });
  const rollUp = (name: string, operation: 'count' | 'sum' | 'min' | 'max', field: string | null, filters: { field: string; operation: string; value: string }[] = []) =>
    defineField(sandbox.org, 'Account', { name, label: name, type: 'double', precision: 18, scale: 2, calculated: true, createable: false, updateable: false, summary: { operation, child: 'Line__c', foreignKey: 'Account__c', field, filters } });
  await rollUp('Lines__c', 'count', null);
  await rollUp('Sum__c', 'sum', 'Amount__c', [{ field: 'Kind__c', operation: 'equals', value: 'paid, due' }]);
  await rollUp('Most__c', 'max', 'Amount__c');
  await formula('Mean__c', 'double', 'Sum__c / Lines__c');
  const [full, empty] = [await create('Account', { Name: 'Full' }), await create('Account', { Name: 'Bare' })];
  await sandbox.org.pool.query(`update "Account" set "SystemModstamp" = '2026-01-01' where "Id" = $1`, [full]);
  await create('Line__c', { Name: '1', Account__c: full, Amount__c: 10, Kind__c: 'paid' });
  await create('Line__c', { Name: '2', Account__c: full, Amount__c: 20, Kind__c: 'due' });
  const gone = await create('Line__c', { Name: '3', Account__c: full, Amount__c: 90, Kind__c: 'void' });
  expect(await one(`SELECT Lines__c, Sum__c, Most__c FROM Account WHERE Id = '${full}'`)).toMatchObject({ Lines__c: 3, Sum__c: 30, Most__c: 90 });
  await salesforce.sobject('Line__c').destroy(gone);
  expect(await one(`SELECT Lines__c, Sum__c, Most__c, Mean__c, SystemModstamp FROM Account WHERE Lines__c > 1`)).toMatchObject({ Lines__c: 2, Sum__c: 30, Most__c: 20, Mean__c: 15, SystemModstamp: '2026-01-01T00:00:00.000+0000' });
  expect(await one(`SELECT Lines__c, Sum__c, Most__c FROM Account WHERE Id = '${empty}'`)).toMatchObject({ Lines__c: 0, Sum__c: 0, Most__c: null });
});

// prettier-ignore
test('formulas, roll-ups and rules are deployed together in any order, or not at all when one of them makes no sense', async () => {
  const field = (name: string, inner: string) => `<fields><fullName>${name}</fullName><label>${name}</label>${inner}</fields>`;
  const number = '<type>Number</type><precision>18</precision><scale>2</scale>';
  const account = (formula: string) => `<CustomObject>
    ${field('A_Share__c', `<type>Percent</type><precision>18</precision><scale>1</scale><formula>${formula}</formula><formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs>`)}
    ${field('B_Paid__c', `<type>Summary</type><summaryOperation>sum</summaryOperation><summarizedField>Part__c.Amount__c</summarizedField><summaryForeignKey>Part__c.Account__c</summaryForeignKey>
      <summaryFilterItems><field>Part__c.Paid__c</field><operation>equals</operation><value>True</value></summaryFilterItems>`)}
    ${field('C_All__c', `<type>Summary</type><summaryOperation>sum</summaryOperation><summarizedField>Part__c.Amount__c</summarizedField><summaryForeignKey>Part__c.Account__c</summaryForeignKey>`)}
    <validationRules><fullName>Not_Too_Much</fullName><active>true</active><errorConditionFormula>C_All__c &gt; 100 &amp;&amp; ISCHANGED(Name)</errorConditionFormula><errorMessage>Too much.</errorMessage></validationRules>
  </CustomObject>`;
  const part = `<CustomObject><deploymentStatus>Deployed</deploymentStatus><label>Part</label><pluralLabel>Parts</pluralLabel><sharingModel>ControlledByParent</sharingModel><nameField><label>Name</label><type>Text</type></nameField>
    ${field('Account__c', '<type>MasterDetail</type><referenceTo>Account</referenceTo><relationshipName>Parts</relationshipName>')}
    ${field('Amount__c', number)}${field('Paid__c', '<type>Checkbox</type><defaultValue>false</defaultValue>')}
    ${field('Doubled__c', `${number}<formula>Amount__c * 2</formula>`)}</CustomObject>`;
  const deploy = async (formula: string) => {
    salesforce.metadata.pollInterval = 20;
    const zip = packageZip({ CustomObject: ['Account', 'Part__c'] }, { 'objects/Account.object': account(formula), 'objects/Part__c.object': part });
    return salesforce.metadata.deploy(zip, { rollbackOnError: true }).complete(true);
  };
  const refused = await deploy('B_Paid__c / Nothing__c');
  expect(refused).toMatchObject({ success: false, details: { componentFailures: [{ fullName: 'Account.A_Share__c', problem: 'Field Nothing__c does not exist. Check spelling.' }] } });
  expect(sandbox.org.catalog.find('Part__c')).toBeUndefined();
  expect(await deploy('B_Paid__c / C_All__c')).toMatchObject({ success: true });
  const id = await create('Account', { Name: 'Deployed' });
  expect(await one(`SELECT A_Share__c FROM Account WHERE Id = '${id}'`)).toMatchObject({ A_Share__c: null });
  await create('Part__c', { Name: '1', Account__c: id, Amount__c: 90, Paid__c: true });
  await create('Part__c', { Name: '2', Account__c: id, Amount__c: 30 });
  expect(await one(`SELECT A_Share__c, B_Paid__c, C_All__c, (SELECT Doubled__c FROM Parts__r ORDER BY Name) FROM Account WHERE A_Share__c > 50`)).toMatchObject({ A_Share__c: 75, B_Paid__c: 90, C_All__c: 120, Parts__r: { records: [{ Doubled__c: 180 }, { Doubled__c: 60 }] } });
  await expect(salesforce.sobject('Account').update({ Id: id, Name: 'Other' })).rejects.toMatchObject({ message: 'Too much.' });
  const [read] = [await salesforce.metadata.read('CustomField', 'Account.A_Share__c')].flat();
  expect(read).toMatchObject({ formula: 'B_Paid__c / C_All__c', type: 'Percent' });
});

// prettier-ignore
test('a default that is a formula is reckoned for each new record that says nothing else', async () => {
  const custom = async (name: string, type: string, defaultValue: string, more = {}) => {
    const [result] = [await salesforce.metadata.upsert('CustomField', { fullName: `Account.${name}`, label: name, type, defaultValue, ...more } as never)].flat() as { success: boolean; errors?: { message: string } | { message: string }[] }[];
    return result?.success ? undefined : [result?.errors ?? []].flat()[0]?.message;
  };
  expect(await custom('Review_On__c', 'Date', 'DATE(2026, 1, 1) + 30')).toBeUndefined();
  expect(await custom('Maker__c', 'Text', '"by " & $User.Username', { length: 80 })).toBeUndefined();
  expect(await custom('Plain__c', 'Text', '"plain"', { length: 80 })).toBeUndefined();
  expect(await custom('Wrong__c', 'Date', 'Name')).toContain('Field Name does not exist. Check spelling.');
  const given = await create('Account', { Name: 'Given', Review_On__c: '2027-05-05' });
  const left = await create('Account', { Name: 'Left' });
  const soql = (id: string) => `SELECT Review_On__c, Maker__c, Plain__c FROM Account WHERE Id = '${id}'`;
  expect(await one(soql(given))).toMatchObject({ Review_On__c: '2027-05-05', Maker__c: 'by admin@rapport.sandbox', Plain__c: 'plain' });
  expect(await one(soql(left))).toMatchObject({ Review_On__c: '2026-01-31' });
});
