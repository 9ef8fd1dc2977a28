import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startSandbox } from '../../support/sandbox.ts';

import type { Connection } from 'jsforce';
import type { RunningSandbox } from '../../support/sandbox.ts';

let sandbox: RunningSandbox;
let connection: Connection;

beforeAll(async () => {
  sandbox = await startSandbox();
  connection = await sandbox.connect();
});
afterAll(() => sandbox.close());

/* Queries that an org refuses must not work here: what is written against the sandbox has to work against an org. */
describe('a query is refused as an org refuses it', () => {
  test.each([
    [
      `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) OR Name = 'x'`,
      'MALFORMED_QUERY',
      "Semi join sub-selects are not allowed with the 'OR' operator",
    ],
    [
      `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Case WHERE ContactId IN (SELECT Id FROM Contact))`,
      'MALFORMED_QUERY',
      'Nesting of semi join sub-selects is not supported',
    ],
    [
      'SELECT Id FROM Case WHERE ParentId IN (SELECT Id FROM Case)',
      'MALFORMED_QUERY',
      'The inner and outer selects should not be on the same object type',
    ],
    [
      `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id NOT IN (SELECT AccountId FROM Case) AND Id IN (SELECT AccountId FROM Opportunity)`,
      'MALFORMED_QUERY',
      'Maximum 2 semi join sub-selects are allowed',
    ],
    [
      'SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)',
      'MALFORMED_QUERY',
      "Semi join sub-selects can only query id fields, cannot use: 'LastName'",
    ],
    [
      'SELECT Id FROM Account WHERE Name IN (SELECT AccountId FROM Contact)',
      'MALFORMED_QUERY',
      "should be an id field, cannot use: 'Name'",
    ],
    [
      'SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account',
      'MALFORMED_QUERY',
      'only root queries support aggregate expressions',
    ],
    ['SELECT Id FROM Opportunity WHERE CloseDate > 2026-02-30', 'INVALID_FIELD', 'Invalid date: 2026-02-30'],
    [
      'SELECT Id FROM Account WHERE CreatedDate > 2026-02-30T00:00:00Z',
      'INVALID_FIELD',
      'Invalid date: 2026-02-30T00:00:00Z',
    ],
    [
      String.raw`SELECT Id FROM Account WHERE Name = 'a\x'`,
      'MALFORMED_QUERY',
      String.raw`Invalid string literal 'a\x'. Illegal character sequence '\x' in string literal.`,
    ],
  ])('%s', async (query, errorCode, message) => {
    await expect(connection.query(query)).rejects.toMatchObject({
      errorCode,
      message: expect.stringContaining(message) as unknown,
    });
  });
});

test('every escape that SOQL knows stands for its character', async () => {
  const name = `O'Brien \\ "q" %_ é 日本 😀\tend`;
  await connection.sobject('Account').create({ Name: name });
  const { records } = await connection.query<{ Name: string }>(
    String.raw`SELECT Name FROM Account WHERE Name = 'O\'Brien \\ \"q\" \%\_ \u00e9 日本 😀\tend'`,
  );
  expect(records.map((each) => each.Name)).toEqual([name]);
  const like = await connection.query(String.raw`SELECT Id FROM Account WHERE Name LIKE '%\%\_ É%😀_END'`);
  expect(like.totalSize).toBe(1);
});
