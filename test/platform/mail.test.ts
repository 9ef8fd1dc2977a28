import { afterAll, expect, test } from 'vitest';

import { startMailbox } from '../support/mailbox.ts';

const { mailsTo, sandbox } = await startMailbox();
const { db, sql, transaction } = await import('../../src/platform/db.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { deadLetters, retryDeadLetter } = await import('../../src/platform/jobs.ts');
const { sendMail } = await import('../../src/platform/mail.ts');
const { locales } = await import('../../src/platform/locale.ts');
const { reactions } = await import('../../src/reactions.ts');
const { jobs } = await import('../../src/worker.ts');
const { givenPerson } = await import('../support/people.ts');

afterAll(() => sandbox.close());

const work = () => drainJobs({ reactions, jobs });
const retryNow = () => sql`update graphile_worker._private_jobs set run_at = now()`.execute(db);
const granted = { template: 'sign-up-granted', data: { path: '/home' } };

async function fault(effect: object, match: object = { path: '/sendgrid' }) {
  await fetch(`${sandbox.url}/__sandbox__/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match, effect }),
  });
}

test('somebody known gets the mail at their address of the moment it is sent, in their language', async () => {
  const { id } = await givenPerson({ email: 'before@alder.example', name: 'Ana Ruiz', locale: 'es' });
  await sendMail(db, { to: { personId: id }, ...granted });
  await sql`update people set email = 'after@alder.example' where id = ${id}`.execute(db);
  await work();
  expect(await mailsTo('before@alder.example')).toEqual([]);
  const [mail] = await mailsTo('after@alder.example');
  expect(mail?.subject).toBe('Su cuenta está lista');
  expect(mail?.text).toContain('Hola, Ana Ruiz:');
  expect(mail?.paths).toEqual(['/home']);
});

test('a transaction that fails sends nothing', async () => {
  const to = { email: 'nothing@birch.example', name: 'Nobody', locale: 'en' as const };
  const failing = transaction(async (tx) => {
    await sendMail(tx, { to, ...granted });
    throw new Error('something else went wrong');
  });
  await expect(failing).rejects.toThrow('something else');
  await work();
  expect(await mailsTo(to.email)).toEqual([]);
});

test('while SendGrid is away a mail waits and the state says so; it goes out when SendGrid is back', async () => {
  const to = { email: 'patient@cedar.example', name: 'Patient', locale: 'en' as const };
  await fault({ status: 503 }, { path: '/sendgrid', nth: 1, times: 2 });
  await sendMail(db, { to, ...granted });
  const isUp = async () =>
    (await sql<{ is_up: boolean }>`select is_up from service_states where service = 'mail'`.execute(db))
      .rows[0]?.is_up;
  for (let attempt = 0; attempt < 2; attempt++) {
    await work();
    expect([(await mailsTo(to.email)).length, await isUp()]).toEqual([0, false]);
    await retryNow();
  }
  await work();
  expect([(await mailsTo(to.email)).length, await isUp()]).toEqual([1, true]);
});

test('a mail that SendGrid refuses for good is a dead letter at once, and mail as a whole is well', async () => {
  const to = { email: 'refused@dogwood.example', name: 'Refused', locale: 'en' as const };
  await fault({ status: 400 }, { path: '/sendgrid', nth: 1, times: 1 });
  await sendMail(db, { to, ...granted });
  await work();
  const [letter] = await deadLetters();
  expect(letter).toMatchObject({
    task: 'send_mail',
    attempts: 1,
    error: expect.stringContaining('refused') as string,
  });
  const { rows } = await sql<{
    is_up: boolean;
  }>`select is_up from service_states where service = 'mail'`.execute(db);
  expect(rows[0]?.is_up).toBe(true);
  await retryDeadLetter(letter?.id ?? '');
  await work();
  expect([(await mailsTo(to.email)).length, await deadLetters()]).toEqual([1, []]);
});

test('each mail to people has its words in every language, and no placeholder is left over', async () => {
  const templates = [
    'sign-up',
    'sign-up-known',
    'sign-up-granted',
    'sign-up-refused',
    'password-reset',
    'password-changed',
    'email-change',
    'email-taken',
    'email-changed',
    'second-factor-added',
    'second-factor-removed',
  ];
  const { rendered } = await import('../../src/platform/mail.ts');
  for (const locale of locales)
    for (const template of templates) {
      const path = template === 'sign-up-refused' ? {} : { path: '/home' };
      const mail = rendered(
        template,
        { email: 'a@b.example', name: 'Ana', locale },
        { ...path, email: 'a…@b.example' },
      );
      const everything = `${mail.subject}\n${mail.text}\n${mail.html}`;
      expect(everything, `${template} in ${locale}`).not.toMatch(
        /\{\{|undefined|\b(shared|sign-up|password|email|second)[\w-]*\.(subject|text|button|note|hello|why)\b/,
      );
      expect(mail.text.length).toBeGreaterThan(60);
    }
});
