import './events.ts';

import { now } from '../platform/clock.ts';
import { db, transaction } from '../platform/db.ts';

import { lookOfBrand } from './brand-kit.ts';
import { build } from './build.ts';
import * as queries from './messages.queries.ts';
import { templatesIn } from './templates/templates.ts';

/** Makes the delivered templates that were never made; what somebody changed or put away stays as it is. */
export async function makeTemplates(): Promise<void> {
  const known = new Set(await queries.selectCodes(db));
  const missing = templatesIn(await lookOfBrand()).filter(({ code }) => !known.has(code));
  for (const { code, name, description, content } of missing) {
    const made = await build(content);
    await transaction((tx) =>
      queries.insertMessage(tx, {
        name,
        description,
        kind: 'template',
        code,
        personId: null,
        content,
        ...made,
        now: now(),
      }),
    );
  }
}
