import type { Request, Response } from 'express';
import { z } from 'zod';

import { attributesOf, changeAttributes } from '../../accounts/account-attributes.ts';
import { accountSeenBy } from '../../accounts/accounts.ts';
import { NotFound } from '../../platform/errors.ts';
import { flash } from '../../platform/http/flash.ts';
import { submitting } from '../../platform/http/forms.ts';
import { salesforceIdOf } from '../../platform/http/parse.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

import { sectionOf, sections, shownAttribute } from './account-tabs/attributes.ts';

const editors = only('csm', 'rep', 'admin')({ id: 'account' });

/** Changing what Salesforce holds of an account (AP11): all of it, or the one field that was pointed at. */
export const accountEditRoutes: Route[] = [
  route('get', '/console/accounts/:id/attributes/edit', editors, showForm),
  route('post', '/console/accounts/:id/attributes/edit', editors, submitting(change, showForm)),
];

const FieldName = z.string().max(80).optional().catch(undefined);

async function showForm(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const id = salesforceIdOf(req.params.id);
  const [account, { attributes, users }] = await Promise.all([
    accountSeenBy(viewer, id),
    attributesOf(viewer, id),
  ]);
  const field = FieldName.parse(req.query.field);
  const editable = attributes.filter(
    ({ name, isEditable }) => isEditable && (field === undefined || name === field),
  );
  if (editable.length === 0 && field !== undefined) throw new NotFound();
  const shown = editable.map(shownAttribute);
  res.render('console/accounts/edit', {
    account, users, chosen: field,
    sections: sections
      .map((name) => ({ name, attributes: shown.filter((one) => sectionOf(one) === name) }))
      .filter((section) => section.attributes.length > 0),
  }); // prettier-ignore
}

const Typed = z.record(
  z.string(),
  z.union([z.string(), z.array(z.string()).transform((all) => all.join(';'))]).catch(''),
);

async function change(req: Request, res: Response): Promise<void> {
  const id = salesforceIdOf(req.params.id);
  const sent = Typed.parse(req.body ?? {});
  const count = await changeAttributes(staffViewerOf(req), id, {
    typed: under('value.', sent),
    seen: under('seen.', sent),
  });
  flash(res, count === 0 ? 'attributes.unchanged' : 'attributes.changed', {
    kind: count === 0 ? 'info' : 'success',
    values: { count },
  });
  res.redirect(303, `/console/accounts/${id}/attributes`);
}

/** What was sent under names that begin so, without that beginning. */
function under(prefix: string, sent: Record<string, string>): Record<string, string> {
  const some = Object.entries(sent).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(some.map(([name, value]) => [name.slice(prefix.length), value]));
}
