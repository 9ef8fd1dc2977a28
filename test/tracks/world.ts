import { randomUUID } from 'node:crypto';

import { startMailbox } from '../support/mailbox.ts';

/* The settings are read when the product is first imported: the provider has to be there before. */
export const { mailsTo, sandbox } = await startMailbox();

const { givenAccount, salesforceId } = await import('../support/mirror.ts');
const { givenStaff, staffViewer } = await import('../support/people.ts');
const { createMessage } = await import('../../src/content/messages.ts');
const { db, sql } = await import('../../src/platform/db.ts');
const { moveClock } = await import('../../src/platform/clock.ts');
const { drainJobs } = await import('../../src/platform/job-runner.ts');
const { reactions } = await import('../../src/reactions.ts');
const { stageOf } = await import('../../src/stages.ts');
const { jobs } = await import('../../src/worker.ts');
const { watchMailing } = await import('../../src/campaigns/mailing/mailing.ts');
const { countTrackApproval, decideTrackApproval, requestTrackApproval } =
  await import('../../src/tracks/approvals.ts');
const { activateTrack } = await import('../../src/tracks/control.ts');
const { createTrack } = await import('../../src/tracks/tracks.ts');
const { advanceTracks } = await import('../../src/tracks/advancing.ts');
const { watchTracks } = await import('../../src/tracks/watching.ts');

export type Viewer = Awaited<ReturnType<typeof staffViewer>>;

/** Who writes tracks, and who approves them. */
export async function givenEditors(): Promise<{ author: Viewer; second: Viewer }> {
  const [author, second] = [await givenStaff({ roles: ['csm'] }), await givenStaff({ roles: ['csm'] })];
  return { author: await staffViewer(author), second: await staffViewer(second) };
}

export const givenText = (viewer: Viewer, subject: string): Promise<string> =>
  createMessage(viewer, {
    name: subject, description: '',
    content: {
      format: 'text', defaultLocale: 'en', weights: [1], tables: {},
      variants: [{ locale: 'en', variant: 0, subject, preheader: '', body: `Hello {{ person.firstName | default: "there" }}: ${subject}` }],
    },
  }); // prettier-ignore

/** People of a new account in an industry of their own, so that each test has its own. */
export async function givenPeople(
  count: number,
  { industry = randomUUID(), zone }: { industry?: string; zone?: string } = {},
): Promise<{ industry: string; accountId: string; ids: number[]; emails: string[] }> {
  const account = await givenAccount({ industry });
  const domain = `${randomUUID().slice(0, 8)}.example`;
  const emails = Array.from({ length: count }, (_, i) => `p${String(i)}@${domain}`);
  const { rows } = await sql<{ id: number }>`
    insert into account_people (account_id, contact_id, email_normalized, name)
    select ${account.id}, ${salesforceId('003').slice(0, 12)} || i, email, 'Person ' || i
    from unnest(${emails}::text[]) with ordinality as e (email, i) order by i returning id`.execute(db);
  if (zone !== undefined)
    await sql`
      insert into people (email, name, locale, time_zone, created_at)
      select email, 'Somebody', 'en', ${zone}, now() from unnest(${emails}::text[]) as email`.execute(db);
  return { industry, accountId: account.id, ids: rows.map(({ id }) => id), emails };
}

/** The rule that people of an industry meet. */
export const ofIndustry = (industry: string) => ({
  field: 'account.industry',
  op: 'is' as const,
  value: [industry],
});

const sendable = { messageClass: 'transactional', policy: { quietHours: 'none' } };

/** A track that is approved by a second person and active. */
export async function givenTrack(
  { author, second }: { author: Viewer; second: Viewer },
  definition: Record<string, unknown>,
): Promise<string> {
  const id = await createTrack(author, {
    name: `Track ${randomUUID()}`,
    definition: { ...sendable, ...definition },
  });
  await approve({ author, second }, id);
  await activateTrack(author, id);
  return id;
}

export async function approve(
  { author, second }: { author: Viewer; second: Viewer },
  id: string,
): Promise<void> {
  const approvalId = await requestTrackApproval(author, id);
  await countTrackApproval({ approvalId });
  await decideTrackApproval(second, id, { approvalId, decision: 'approved', comment: '' });
}

/** Everything that is due, and what the clock looks after every few seconds or minutes. */
export async function drain(): Promise<void> {
  await drainJobs({ reactions, jobs, stageOf });
  await watchTracks();
  await advanceTracks();
  await drainJobs({ reactions, jobs, stageOf });
  await watchMailing();
  await drainJobs({ reactions, jobs, stageOf });
}

export async function later(milliseconds: number): Promise<void> {
  moveClock(milliseconds);
  await drain();
}

export const subjectsTo = async (email: string): Promise<string[]> =>
  (await mailsTo(email)).map(({ subject }) => subject).reverse();

type Counts = Record<string, number>;

/** The counters of a track, those of nought left out. */
export async function countersOf(id: string): Promise<Counts> {
  const { rows } = await sql<{ name: string; count: number }>`
    select name, count from track_counts where track_id = ${id} and count <> 0 and name not like 'came:%'`.execute(
    db,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

/** What they have to be. */
export async function rowsOf(id: string): Promise<Counts> {
  const { rows } = await sql<{ name: string; count: number }>`
    select 'entered' as name, count(*) from track_people where track_id = ${id} having count(*) > 0
    union all select 'done', count(*) from track_people where track_id = ${id} and state = 'done' having count(*) > 0
    union all select 'left:' || reason, count(*) from track_people where track_id = ${id} and state = 'left' group by reason
    union all select 'here:' || step, count(*) from track_people where track_id = ${id} and state = 'in' group by step
    union all select 'passed:' || step, count(*) from track_path where track_id = ${id} group by step
    union all select 'outcome:' || step || ':' || outcome, count(*) from track_path where track_id = ${id} group by step, outcome`.execute(
    db,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}
