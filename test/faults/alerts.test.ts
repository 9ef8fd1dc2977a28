import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, expect, test } from 'vitest';

import { freePort } from '../../scripts/postgres.ts';
import { createRule } from '../../src/alerts/rules.ts';
import { now } from '../../src/platform/clock.ts';
import { db, pool, sql, transaction } from '../../src/platform/db.ts';
import { record } from '../../src/platform/events.ts';
import { enqueue } from '../../src/platform/jobs.ts';
import { givenAccount } from '../support/mirror.ts';
import { givenStaff, staffViewer } from '../support/people.ts';
import { eventually, launch, type Running } from '../support/processes.ts';

/* Workers are killed at random moments while digests are sent and alerts raised and mailed. Kill -9 leaves no time for anything. */

const READERS = 15;
const KILLS = 4;
const SEED = Number(process.env.SEED ?? Date.now() % 100_000);
let state = SEED;
const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;

/** A mailer that is slow to answer, so that workers die in between, too. */
const taken: { to: string; subject: string }[] = [];
const mailer = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const mail = JSON.parse(Buffer.concat(chunks).toString()) as {
      personalizations: { to: { email: string }[] }[];
      subject: string;
    };
    taken.push({ to: mail.personalizations[0]?.to[0]?.email ?? '', subject: mail.subject });
    setTimeout(() => res.writeHead(202).end(), 150 * random());
  });
});
await new Promise<void>((listening) => mailer.listen(0, '127.0.0.1', listening));

let worker: Running | undefined;

afterAll(async () => {
  worker?.child.kill('SIGKILL');
  await worker?.ended;
  await pool.end();
  mailer.close();
});

test(`killed again and again, no worker sends a digest or raises an alert twice, nor forgets one (seed ${String(SEED)})`, async () => {
  const readers = await Promise.all(Array.from({ length: READERS }, () => givenReader()));
  const batch = await givenDrops();
  const environment = {
    SANDBOX_URL: `http://127.0.0.1:${String(await freePort())}`,
    SENDGRID_API_KEY: 'SG.test',
    SENDGRID_BASE_URL: `http://127.0.0.1:${String((mailer.address() as AddressInfo).port)}/`,
    LOG_LEVEL: 'silent',
  };
  await transaction(async (tx) => {
    for (let times = 0; times < 3; times += 1)
      await record(tx, 'health.changed', { batch, accounts: READERS });
  });
  for (let kill = 0; kill < KILLS; kill += 1) {
    worker = await launch(['src/worker.ts'], environment);
    await askAgain();
    await sleep(200 + 900 * random());
    worker.child.kill('SIGKILL');
    await worker.ended;
  }
  worker = await launch(['src/worker.ts'], environment);
  await askAgain();
  await eventually(openJobs, (jobs) => jobs.length === 0, 60);

  const digests = taken.filter(({ subject }) => subject.startsWith('Your accounts today'));
  const alerts = taken.filter(({ subject }) => subject.startsWith('Alert'));
  for (const { email, id } of readers) {
    const sent = [digests, alerts].map((mails) => mails.filter(({ to }) => to === email).length);
    const doubts = await doubtsOf(id);
    expect(sent[0], `digests of ${email}`).toBeLessThanOrEqual(1);
    expect((sent[0] ?? 0) + doubts.digests, `digests of ${email}, sent or in doubt`).toBeGreaterThanOrEqual(
      1,
    );
    expect(sent[1], `alert mails of ${email}`).toBeLessThanOrEqual(1);
    expect(
      (sent[1] ?? 0) + doubts.alerts,
      `alert mails of ${email}, sent or in doubt`,
    ).toBeGreaterThanOrEqual(1);
  }
  const { rows } = await sql<{ signals: number; alerts: number; lines: number }>`
    select (select count(*) from signals where kind = 'health.changed') as signals,
      (select count(*) from alerts l join alert_rules r on r.id = l.rule_id where r.code is null) as alerts,
      (select count(*) from alert_signals l join alert_rules r on r.id = l.rule_id where r.code is null) as lines`.execute(
    db,
  );
  expect(rows[0]).toEqual({ signals: READERS, alerts: READERS, lines: READERS });
}, 240_000);

async function givenReader() {
  const person = await givenStaff({ roles: ['csm'] });
  await givenAccount({ owner_id: person.userId });
  await sql`insert into alert_settings (person_id, digest_hour) values (${person.id}, 0)`.execute(db);
  await createRule(await staffViewer(person), {
    name: 'Drops', trigger: 'health.changed', filter: {}, condition: null, scope: 'mine', isForTeam: false, roles: [],
    toInbox: true, toMail: true, webhookId: null, restHours: 0,
  }); // prettier-ignore
  return person;
}

/** Signals that digests tell of, and a batch of health changes that the workers make into alerts. */
async function givenDrops(): Promise<number> {
  await sql`
    insert into signals (batch, cause, kind, account_id, data, occurred_at, noted_at)
    select nextval('signal_batches'), 'test:' || id, 'usage.stopped', id, '{"activeOn":"2026-01-01"}', ${now()}::timestamptz - interval '1 hour', ${now()}::timestamptz - interval '1 hour'
    from accounts`.execute(db);
  await sql`
    insert into health_history (batch, account_id, status, rank, score, reasons, previous_status, previous_rank, previous_score, occurred_at)
    select 1, id, 'paying', 'poor', 20, '[]', 'paying', 'good', 90, ${now()} from accounts`.execute(db);
  return 1;
}

/** The clock ticks often, and mails are due at once; what dead workers held is free at once, without waiting for their hearts. */
async function askAgain(): Promise<void> {
  await sql`select graphile_worker.force_unlock_workers(array(select distinct locked_by from graphile_worker._private_jobs where locked_by is not null))`.execute(
    db,
  );
  await sql`update graphile_worker._private_jobs set run_at = now() where run_at > now() and attempts < max_attempts`.execute(
    db,
  );
  for (let times = 0; times < 2; times += 1) await enqueue(db, 'send_digests', {});
}

/** What is still to be done of ours. Doubtful mails wait for a person. */
async function openJobs(): Promise<string[]> {
  await sql`update graphile_worker._private_jobs set run_at = now() where run_at > now() and locked_at is null and attempts < max_attempts`.execute(
    db,
  );
  const { rows } = await sql<{ task: string }>`
    select t.identifier as task from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier in ('send_digests', 'mail_alerts', 'send_mail', 'fan_out', 'react') and j.attempts < j.max_attempts
      and (t.identifier <> 'react' or j.payload ->> 'reaction' in ('noteSignals', 'raiseAlerts'))`.execute(
    db,
  );
  return rows.map(({ task }) => task);
}

async function doubtsOf(personId: string): Promise<{ digests: number; alerts: number }> {
  const { rows } = await sql<{ digests: number; alerts: number }>`
    select count(*) filter (where payload ->> 'template' = 'digest') as digests, count(*) filter (where payload ->> 'template' = 'alert') as alerts
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'send_mail' and j.payload #>> '{to,personId}' = ${personId} and j.attempts >= j.max_attempts`.execute(
    db,
  );
  return rows[0] ?? { digests: 0, alerts: 0 };
}
