import { beforeAll, describe, expect, test } from 'vitest';

import '../../../src/cases/tables.ts';
import '../../../src/licenses/tables.ts';
import { createApp } from '../../../src/app.ts';
import { DAY, now } from '../../../src/platform/clock.ts';
import { db } from '../../../src/platform/db.ts';
import { givenAccount, salesforceId } from '../../support/mirror.ts';
import { givenCustomer, signedIn } from '../../support/people.ts';

const app = createApp();
const modified_at = new Date('2026-01-15T12:00:00Z');
const dayFromNow = (days: number) => new Date(now().getTime() + days * DAY).toISOString().slice(0, 10);

let robin: Awaited<ReturnType<typeof givenCustomer>>;

beforeAll(async () => {
  robin = await givenCustomer({ roles: ['Administrator'] });
  const stranger = await givenAccount({ name: 'Somebody Else Ltd' });
  const ownCase = await caseOf(robin.account.id, 'Restore stops at 40 %', robin.contact.id);
  const strangersCase = await caseOf(stranger.id, 'A secret of others', null);
  await comment(ownCase, 'Please update to version 9.2.', true);
  await comment(ownCase, 'Internal: he is a difficult one.', false);
  await comment(strangersCase, 'An answer to others.', true);
  await license(robin.account.id, 'L-000001', dayFromNow(30));
  await license(robin.account.id, 'L-000002', dayFromNow(-30));
  await license(stranger.id, 'L-000003', dayFromNow(200));
});

async function caseOf(account_id: string, subject: string, contact_id: string | null): Promise<string> {
  const values = { account_id, subject, contact_id, status: 'New', created_at: modified_at, modified_at };
  const { id } = await db.insertInto('cases').values(values).returning('id').executeTakeFirstOrThrow();
  return id;
}

async function comment(case_id: string, body: string, is_published: boolean): Promise<void> {
  const values = {
    salesforce_id: salesforceId('00a'),
    case_id,
    body,
    is_published,
    created_at: modified_at,
    modified_at,
  };
  await db.insertInto('case_comments').values(values).execute();
}

async function license(account_id: string, name: string, support_until: string): Promise<void> {
  await db
    .insertInto('licenses')
    .values({ id: salesforceId('a00'), account_id, name, support_until, modified_at })
    .execute();
}

describe('the overview', () => {
  test('shows the open cases, the latest answers and the licenses of the chosen account', async () => {
    const { text } = await (await signedIn(app, robin)).get('/portal').expect(200);
    expect(text).toContain('Restore stops at 40 %');
    expect(text).toContain('Please update to version 9.2.');
    expect(text).toMatch(/L-000001[\s\S]*Support ends on/);
    expect(text).toMatch(/L-000002[\s\S]*Support ended on/);
  });

  test('tells nothing of other accounts, and nothing that is internal', async () => {
    const { text } = await (await signedIn(app, robin)).get('/portal').expect(200);
    for (const secret of ['A secret of others', 'An answer to others', 'Internal:', 'L-000003'])
      expect(text).not.toContain(secret);
  });

  test('of an account without anything says what to do', async () => {
    const newcomer = await givenCustomer({ account: await givenAccount({ name: 'Newcomer Ltd' }) });
    const { text } = await (await signedIn(app, newcomer)).get('/portal').expect(200);
    expect(text).toContain('No case is open');
    expect(text).toContain('No answers yet');
    expect(text).toContain('No licenses');
  });

  test('shows someone who sees only their own cases no answers to colleagues', async () => {
    const colleague = await givenCustomer({ account: robin.account, name: 'Kim Own' });
    await db
      .updateTable('memberships')
      .set({ case_scope: 'own' })
      .where('person_id', '=', colleague.id)
      .execute();
    const { text } = await (await signedIn(app, colleague)).get('/portal').expect(200);
    expect(text).not.toContain('Please update to version 9.2.');
  });

  test('sends visitors to sign in', async () => {
    const { default: request } = await import('supertest');
    const answer = await request(app).get('/de/portal').expect(303);
    expect(answer.headers.location).toBe('/de/sign-in?next=%2Fde%2Fportal');
  });
});
