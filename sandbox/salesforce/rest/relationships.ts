import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { SObject } from '../schema/catalog.ts';
import { runQuery } from '../soql/query.ts';
import { ok } from './dispatch.ts';
import type { RestAnswer, RestRequest } from './dispatch.ts';
import { absence } from './named.ts';

interface Traversal {
  sobject: SObject;
  id: string;
  /** `Account` of a contact, or `Contacts` of an account. */
  relationship: string;
}

/** GET /sobjects/Contact/003…/Account and GET /sobjects/Account/001…/Contacts: what a record is related to. */
export async function traverse(
  ctx: Context,
  request: RestRequest,
  traversal: Traversal,
): Promise<RestAnswer> {
  const name = traversal.relationship.toLowerCase();
  const lookup = traversal.sobject.fields.find((field) => field.relationshipName?.toLowerCase() === name);
  if (lookup) return parent(ctx, request, { ...traversal, relationship: lookup.relationshipName ?? '' });
  const related = ctx.org.catalog
    .children(traversal.sobject)
    .find(({ field }) => field.childRelationshipName?.toLowerCase() === name);
  if (!related) throw notFound();
  const fields = fieldsOf(request) ?? readable(ctx, related.sobject);
  const soql = `SELECT ${fields.join(', ')} FROM ${related.sobject.name} WHERE ${related.field.name} = '${traversal.id}'`;
  return ok(await runQuery(ctx, soql));
}

async function parent(
  ctx: Context,
  request: RestRequest,
  { sobject, id, relationship }: Traversal,
): Promise<RestAnswer> {
  const lookup = sobject.fields.find((field) => field.relationshipName === relationship);
  const target = ctx.org.catalog.find(lookup?.referenceTo.length === 1 ? (lookup.referenceTo[0] ?? '') : '');
  const fields = fieldsOf(request) ?? (target ? readable(ctx, target) : ['Name']);
  const paths = fields.map((field) => `${relationship}.${field}`);
  const { records } = await runQuery(
    ctx,
    `SELECT ${paths.join(', ')} FROM ${sobject.name} WHERE Id = '${id}'`,
  );
  const [record] = records;
  if (!record) throw await absence(ctx, sobject, id);
  if (record[relationship] === null) throw notFound();
  return ok(record[relationship]);
}

const fieldsOf = (request: RestRequest): string[] | undefined =>
  request.query.get('fields')?.split(',').map((field) => field.trim()).filter((field) => /^[\w.]+$/.test(field)); // prettier-ignore

const readable = (ctx: Context, sobject: SObject): string[] =>
  sobject.fields
    .filter((field) => ctx.org.security.mayRead(ctx.user, sobject, field))
    .map((field) => field.name);
