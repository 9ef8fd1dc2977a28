/** The mail of the benchmark, and the recipients that it is made for. */

const filler =
  '<p style="margin:0 0 12px;color:#17212b">Renewing in time keeps updates, fixes and our help desk available to your team.</p>';
export const begin = `<div style="font-family:sans-serif">${filler.repeat(6)}<p>Hello {{ person.firstName | default: "there" }}, of {{ account.name }} in {{ account.industry | default: "your trade" }},</p>`;
export const end = `{% if account.rank == "poor" %}<p>Shall we talk?</p>{% else %}<p>All is well.</p>{% endif %}<p>{{ manager.name | default: "Your team" }}, {{ manager.email }}</p>${filler.repeat(4)}</div>`;
export const rows =
  '<table>{% for row in rows %}<tr><td style="padding:9px 8px">{{ row.name }}</td><td style="padding:9px 8px">{{ row.seats }}</td><td style="padding:9px 8px">{{ row.until }}</td></tr>{% endfor %}</table>';

/** Its plain-text part. */
export const short = 'Hello {{ person.firstName | default: "there" }}, please see the HTML part.';

export const RECIPIENTS = 1_000;

export const values = (i: number) => ({
  person: { firstName: i % 7 === 0 ? '' : `Ada ${i} <&>` },
  account: {
    name: `Northgate & Sons ${i}`,
    industry: i % 3 === 0 ? null : 'Retail',
    rank: i % 5 === 0 ? 'poor' : 'good',
  },
  manager: { name: `Cleo ${i % 40}`, email: 'cleo@tidewater.example' },
});

export const licenses = (i: number) =>
  Array.from({ length: 5 }, (_, row) => ({
    name: `Sibling ${i} "${row}"`,
    seats: i + row * 100,
    until: `2026-0${1 + row}-1${i % 10}`,
  }));
