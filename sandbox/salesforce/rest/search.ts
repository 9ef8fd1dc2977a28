import { quote } from '../../database.ts';
import type { Context } from '../context.ts';
import { ApiError } from '../errors.ts';
import type { Field, SObject } from '../schema/catalog.ts';
import { runQuery } from '../soql/query.ts';
import { objectBody, ok } from './dispatch.ts';
import type { RestAnswer, RestRequest } from './dispatch.ts';
import { objectOf } from './named.ts';

/** One object of RETURNING: its fields, and what SOQL would say after FROM. */
interface Wanted {
  name: string;
  fields: string[];
  where: string;
  /** ORDER BY, LIMIT and OFFSET. */
  tail: string;
}

interface Search {
  term: string;
  /** ALL, NAME, EMAIL, PHONE or SIDEBAR. */
  scope: string;
  wanted: Wanted[];
  /** Records in all. */
  limit?: number | undefined;
}

const most = 2000;

/** GET /search?q=FIND {acme*} IN NAME FIELDS RETURNING Account(Id, Name WHERE Type = 'MSP' LIMIT 5), Contact */
export async function getSearch(ctx: Context, request: RestRequest): Promise<RestAnswer> {
  const sosl = request.query.get('q') ?? '';
  const term = termOf(sosl);
  const [, scope = 'ALL'] = /\bIN\s+(ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\b/i.exec(sosl) ?? [];
  const [, returning = ''] = /\bRETURNING\s+(.*)$/is.exec(sosl) ?? [];
  const [, limit] = /\)\s*LIMIT\s+(\d+)\s*$|\w\s+LIMIT\s+(\d+)\s*$/i.exec(sosl)?.filter(Boolean) ?? [];
  return search(ctx, {
    term,
    scope: scope.toUpperCase(),
    wanted: wantedOf(returning),
    limit: limit === undefined ? undefined : Number(limit),
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

/** `Account(Id, Name WHERE Type = 'MSP' LIMIT 5), Contact`, until the LIMIT of the whole search. */
function wantedOf(returning: string): Wanted[] {
  const list = returning.replace(/(\)|\b)\s*(LIMIT\s+\d+|WITH\s.*|UPDATE\s.*)\s*$/is, '$1');
  return [...list.matchAll(/(\w+)\s*(?:\(((?:'(?:\\.|[^'\\])*'|\((?:[^()]*)\)|[^'()])*)\))?/g)].map(
    ([, name = '', inside = '']) => {
      const [, fields = '', where = '', tail = ''] =
        /^(.*?)(?:\bWHERE\b(.*?))?(\b(?:ORDER\s+BY|LIMIT|OFFSET)\b.*)?$/is.exec(inside) ?? [];
      return { name, fields: listed(fields), where: where.trim(), tail };
    },
  );
}

const listed = (text: string): string[] => text.split(',').map((each) => each.trim()).filter(Boolean); // prettier-ignore

/** GET or POST /parameterizedSearch?q=acme&sobject=Account&Account.fields=Id,Name&Account.limit=10 */
export async function getParameterizedSearch(ctx: Context, request: RestRequest): Promise<RestAnswer> {
  const asked = request.method === 'POST' ? postedSearch(request) : queriedSearch(request);
  const wanted = asked.sobjects.map(({ name, fields, where = '', orderBy, limit }) => {
    const most = limit ?? asked.defaultLimit;
    const order = orderBy === undefined ? '' : `ORDER BY ${orderBy}`;
    const tail = most === undefined ? order : `${order} LIMIT ${String(most)}`;
    return { name, fields: fields ?? asked.fields, where, tail };
  });
  const scope = (asked.in ?? 'ALL').toUpperCase();
  return search(ctx, { term: asked.q, scope, wanted, limit: asked.overallLimit });
}

interface Parameterized {
  q: string;
  sobjects: { name: string; fields?: string[]; where?: string; orderBy?: string; limit?: number }[];
  fields: string[];
  in?: string | undefined;
  overallLimit?: number | undefined;
  defaultLimit?: number | undefined;
}

function queriedSearch({ query }: RestRequest): Parameterized {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  return {
    q: query.get('q') ?? '',
    sobjects: query.getAll('sobject').map((name) => {
      const [fields, where, limit] = [query.get(`${name}.fields`), query.get(`${name}.where`), number(`${name}.limit`)]; // prettier-ignore
      return {
        name,
        ...(fields !== null && { fields: listed(fields) }),
        ...(where !== null && { where }),
        ...(limit !== undefined && { limit }),
      };
    }),
    fields: listed(query.get('fields') ?? 'Id'),
    in: query.get('in') ?? undefined,
    overallLimit: number('overallLimit'),
    defaultLimit: number('defaultLimit'),
  };
}

function postedSearch(request: RestRequest): Parameterized {
  const { q, sobjects = [], fields = ['Id'], ...rest } = objectBody(request) as Partial<Parameterized>;
  return { ...rest, q: q ?? '', sobjects, fields };
}

/** What is searched when nothing is said. */
const everyday = ['Account', 'Contact', 'Lead', 'Opportunity', 'Case'];

async function search(ctx: Context, { term, scope, wanted, limit = most }: Search): Promise<RestAnswer> {
  const words = term.split(/\s+/).filter((word) => word.replace(/[*?"]/g, '').length > 0);
  if (words.join('').length < 2)
    throw new ApiError(400, 'MALFORMED_SEARCH', 'search term must be longer than one character');
  const objects =
    wanted.length > 0 ? wanted : everyday.map((name) => ({ name, fields: [], where: '', tail: '' }));
  const searchRecords: unknown[] = [];
  for (const each of objects) {
    const sobject = objectOf(ctx, each.name);
    const ids = await matching(ctx, sobject, { words, scope });
    if (ids.length > 0) searchRecords.push(...(await recordsOf(ctx, sobject, { ids, wanted: each })));
  }
  return ok({ searchRecords: searchRecords.slice(0, limit) });
}

async function recordsOf(ctx: Context, sobject: SObject, { ids, wanted }: { ids: string[]; wanted: Wanted }) {
  const fields = wanted.fields.length > 0 ? wanted.fields : ['Id'];
  const isFound = `Id IN (${ids.map((id) => `'${id}'`).join(',')})`;
  const where = wanted.where === '' ? isFound : `${isFound} AND (${wanted.where})`;
  const { records } = await runQuery(
    ctx,
    `SELECT ${fields.join(', ')} FROM ${sobject.name} WHERE ${where} ${wanted.tail}`,
  );
  return records;
}

interface Match {
  words: string[];
  scope: string;
}

/** Ids of records whose searched fields hold every word. */
async function matching(ctx: Context, sobject: SObject, { words, scope }: Match): Promise<string[]> {
  const fields = sobject.fields.filter(
    (field) => isSearched(field, scope) && ctx.org.security.mayRead(ctx.user, sobject, field),
  );
  if (fields.length === 0) return [];
  const text = `lower(concat_ws(' ', ${fields.map((field) => quote(field.name)).join(', ')}))`;
  const live = sobject.field('IsDeleted') ? 'not "IsDeleted" and' : '';
  const { rows } = await ctx.db.query(
    `select "Id" as id from ${quote(sobject.name)} where ${live} ${text} like all($1::text[]) order by "Id" limit ${String(most)}`,
    [words.map(patternOf)],
  );
  return (rows as { id: string }[]).map((row) => row.id);
}

/** `acm*` as a pattern of LIKE. */
function patternOf(word: string): string {
  const plain = word
    .toLowerCase()
    .replaceAll('"', '')
    .replace(/[%_\\]/g, '\\$&');
  return `%${plain.replaceAll('*', '%').replaceAll('?', '_')}%`;
}

function isSearched(field: Field, scope: string): boolean {
  if (field.calculated) return false;
  if (scope === 'EMAIL') return field.type === 'email';
  if (scope === 'PHONE') return field.type === 'phone';
  if (scope === 'NAME') return field.nameField || field.compoundFieldName === 'Name';
  return ['email', 'phone', 'string'].includes(field.type) && field.filterable;
}
