import { MINUTE, now } from '../platform/clock.ts';
import { transaction, type Tx } from '../platform/db.ts';
import { enqueue } from '../platform/jobs.ts';
import { isLocale } from '../platform/locale.ts';
import { type MailSection, sendMail } from '../platform/mail.ts';

import * as queries from './mails.queries.ts';
import { afterQuiet, settingsOfPerson } from './settings.ts';
import { nameOf, pathOf, reasonsOf, sentenceOf, speechOf, type Speech } from './words.ts';

declare module '../platform/jobs.ts' {
  interface Jobs {
    /** Mails somebody what was raised for them since the last time, in one mail. */
    mail_alerts: { personId: string };
  }
}

/** Has alerts mailed at the next full minute, so that what comes together goes in one mail; in quiet hours, at their end. */
export async function askForMails(tx: Tx, personIds: readonly string[], at: Date): Promise<void> {
  for (const { id, timeZone } of await queries.selectZones(tx, personIds)) {
    const next = new Date(Math.ceil((at.getTime() + 1) / MINUTE) * MINUTE);
    const runAt = afterQuiet(next, await settingsOfPerson(tx, id), timeZone);
    await enqueue(tx, 'mail_alerts', { personId: id }, { key: `mail_alerts:${id}`, runAt });
  }
}

/** A job. What is taken is marked in the transaction that hands the mail over: whatever dies, nothing goes twice or is forgotten. */
export async function mailAlerts({ personId }: { personId: string }): Promise<void> {
  const at = now();
  await transaction(async (tx) => {
    const [person] = await queries.selectZones(tx, [personId]);
    if (person === undefined) return;
    const settings = await settingsOfPerson(tx, personId);
    const later = afterQuiet(at, settings, person.timeZone);
    if (later > at) {
      await enqueue(tx, 'mail_alerts', { personId }, { key: `mail_alerts:${personId}`, runAt: later });
      return;
    }
    const alerts = await queries.takeToMail(tx, personId, at);
    const [first] = alerts;
    if (first === undefined || !settings.wantsMail) return;
    const speech = speechOf(isLocale(person.locale) ? person.locale : 'en', person.timeZone);
    const names = [...new Set(alerts.map((alert) => nameOf(alert, speech)))];
    await sendMail(tx, {
      to: { personId },
      template: 'alert',
      data: {
        names: speech.list(names.slice(0, 3)),
        sections: alerts.map((alert) => sectionOf(alert, speech)),
      },
      once: `alerts:${personId}:${first.id}`,
    });
  });
}

function sectionOf(alert: queries.AlertToMail, speech: Speech): MailSection {
  const left = alert.signals - alert.items.length;
  return {
    title: nameOf(alert, speech),
    items: alert.items.map((signal) => ({
      title: signal.accountName,
      lines: [sentenceOf(signal, speech), ...reasonsOf(signal, speech)].filter((line) => line !== ''),
      path: pathOf(signal),
    })),
    ...(left > 0
      ? { more: { text: speech.t('digest.more', { left: speech.number(left) }), path: '/console/inbox' } }
      : {}),
  };
}
