import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { readRecords } from '../soql/read.ts';
import { objectBody, ok } from './dispatch.ts';
import type { RestAnswer, RestRequest } from './dispatch.ts';
import { objectOf } from './named.ts';

interface Wanted {
  name: string;
  fields: string[];
  limit: number;
}

/** GET /search?q=FIND {acme*} IN NAME FIELDS RETURNING Account(Id, Name LIMIT 5), Contact */
export async function getSearch(ctx: Context, request: RestRequest): Promise<RestAnswer> {
  const sosl = request.query.get('q') ?? '';
  const [, where = 'ALL'] = /\bIN\s+(ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\b/i.exec(sosl) ?? [];
  const [, returning = ''] = /\bRETURNING\s+(.*?)(?:\s+LIMIT\s+\d+\s*)?$/is.exec(sosl) ?? [];
  const wanted = wantedOf(returning);
  return search(ctx, termOf(sosl), {
    where: where.toUpperCase(),
    wanted: wanted.length > 0 ? wanted : everyday,
  });
}

/** What stands between the braces of FIND. @throws ApiError MALFORMED_SEARCH */
function termOf(sosl: string): string {
  const [, braced, quoted] = /^\s*FIND\s+(?:\{((?:\\.|[^}\\])*)\}|'((?:\\.|[^'\\])*)')/i.exec(sosl) ?? [];
  const term = (braced ?? quoted)?.replace(/\\(.)/g, '$1');
  if (term !== undefined) return term;
  throw new ApiError(
    400,
    'MALFORMED_SEARCH',
    'No search term found. The search term must be enclosed in braces.',
  );
}

/** GET or POST /parameterizedSearch?q=acme&sobject=Account */
export async function getParameterizedSearch(ctx: Context, request: RestRequest): Promise<RestAnswer> {
  const { q, sobjects, fields } = request.method === 'POST' ? postedSearch(request) : queriedSearch(request);
  const wanted = sobjects.map((sobject) => ({
    name: sobject.name,
    fields: sobject.fields ?? fields,
    limit: 200,
  }));
  return search(ctx, q, { where: 'ALL', wanted: wanted.length > 0 ? wanted : everyday });
}

interface Parameterized {
  q: string;
  sobjects: { name: string; fields?: string[] }[];
  fields: string[];
}

const queriedSearch = ({ query }: RestRequest): Parameterized => ({
  q: query.get('q') ?? '',
  sobjects: query.getAll('sobject').map((name) => ({ name })),
  fields: (query.get('fields') ?? 'Id').split(','),
});

function postedSearch(request: RestRequest): Parameterized {
  const { q, sobjects = [], fields = ['Id'] } = objectBody(request) as Partial<Parameterized>;
  return { q: q ?? '', sobjects, fields };
}

const everyday: Wanted[] = ['Account', 'Contact', 'Lead', 'Opportunity', 'Case'].map((name) => ({
  name,
  fields: ['Id'],
  limit: 200,
}));

/** `Account(Id, Name LIMIT 5), Contact` */
function wantedOf(returning: string): Wanted[] {
  return [...returning.matchAll(/(\w+)\s*(?:\(([^)]*)\))?/g)].map(([, name = '', inside = '']) => {
    const [, limit] = /\bLIMIT\s+(\d+)/i.exec(inside) ?? [];
    const [list = ''] = inside.split(/\b(?:WHERE|ORDER|LIMIT|USING)\b/i);
    const fields = list
      .split(',')
      .map((field) => field.trim())
      .filter(Boolean);
    return { name, fields: fields.length > 0 ? fields : ['Id'], limit: Number(limit ?? 200) };
  });
}

async function search(
  ctx: Context,
  term: string,
  { where, wanted }: { where: string; wanted: Wanted[] },
): Promise<RestAnswer> {
  const words = term.split(/\s+/).filter((word) => word.replace(/[*?]/g, '').length > 0);
  if (words.join('').length < 2)
    throw new ApiError(400, 'MALFORMED_SEARCH', 'search term must be longer than one character');
  const searchRecords: unknown[] = [];
  for (const { name, fields, limit } of wanted) {
    const sobject = objectOf(ctx, name);
    const ids = await matching(ctx, sobject, { words, where, limit });
    searchRecords.push(...(await readRecords(ctx, sobject, { ids, fields })));
  }
  return ok({ searchRecords });
}

/** Ids of records of which a field has every word, at the start of one of its words. */
async function matching(
  ctx: Context,
  sobject: SObject,
  { words, where, limit }: { words: string[]; where: string; limit: number },
): Promise<string[]> {
  const fields = sobject.fields.filter(
    (field) => isSearched(field, where) && ctx.org.security.mayRead(ctx.user, sobject, field),
  );
  if (fields.length === 0) return [];
  const patterns = words.map(
    (word) =>
      `%${word
        .toLowerCase()
        .replace(/[%_\\]/g, '\\$&')
        .replaceAll('*', '%')
        .replaceAll('?', '_')}%`,
  );
  const text = `lower(concat_ws(' ', ${fields.map((field) => quote(field.name)).join(', ')}))`;
  const live = sobject.field('IsDeleted') ? 'not "IsDeleted" and' : '';
  const { rows } = await ctx.db.query(
    `select "Id" as id from ${quote(sobject.name)} where ${live} ${text} like all($1::text[]) order by "Id" limit $2`,
    [patterns, limit],
  );
  return (rows as { id: string }[]).map((row) => row.id);
}

function isSearched(field: Field, where: string): boolean {
  if (where === 'EMAIL') return field.type === 'email';
  if (where === 'PHONE') return field.type === 'phone';
  if (where === 'NAME') return field.nameField || field.compoundFieldName === 'Name';
  return ['email', 'phone', 'string'].includes(field.type) && field.filterable;
}
