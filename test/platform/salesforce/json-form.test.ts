import { afterAll, expect, test } from 'vitest';

import { db, pool, sql } from '../../../src/platform/db.ts';
import { jsonOf, learnJsonForm } from '../../../src/platform/salesforce/mirror/json-form.ts';

afterAll(() => pool.end());

const kinds = [
  `'Halden "Cold" Storage'::text`,
  'null::text',
  '12.50::numeric',
  `timestamptz '2026-03-10 12:30:00.5+02'`,
  `date '2026-03-10'`,
  'true',
];

test('an object of many fields is the same in both of its forms, without the empty ones', async () => {
  const names = Array.from({ length: 250 }, (_, i) => `Field_${String(i)}__c`);
  const columns = names.map((name, i) => `${kinds[i % kinds.length] ?? 'null'} as "${name}"`);
  const older = jsonOf(names);
  await learnJsonForm(db);
  const newer = jsonOf(names);
  expect(newer).not.toBe(older);
  const { rows } = await sql<{ same: boolean; fields: number; text: string }>`
    select ${sql.raw(older)} = ${sql.raw(newer)} as same, ${sql.raw(older)}::text = ${sql.raw(newer)}::text as text,
           (select count(*) from jsonb_object_keys(${sql.raw(newer)})) as fields
    from (select ${sql.raw(columns.join(', '))}) s`.execute(db);
  expect(rows).toEqual([{ same: true, text: true, fields: 208 }]);
  expect(jsonOf([])).toBe(`'{}'::jsonb`);
});
