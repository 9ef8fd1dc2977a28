import { db, sql } from '../platform/db.ts';

export async function deleteOld(before: { signals: Date; settled: Date; sent: Date }): Promise<void> {
  await sql`delete from alerts where acknowledged_at < ${before.settled}`.execute(db);
  await sql`delete from signals where noted_at < ${before.signals}`.execute(db);
  await sql`delete from webhook_deliveries where state = 'delivered' and settled_at < ${before.sent}`.execute(
    db,
  );
  await sql`delete from mails_once where begun_at < ${before.settled}`.execute(db);
  await sql`delete from digests where until < ${before.signals}`.execute(db);
}
