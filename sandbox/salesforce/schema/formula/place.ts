import { quote } from '../../../database.ts';
import { summarySql } from '../summary.ts';
import { parseFormula } from './parse.ts';
import { FormulaError } from './syntax.ts';
import { typeOfField } from './types.ts';

import type { Catalog, Field, SObject } from '../catalog.ts';
import type { Formula } from './syntax.ts';
import type { Typed } from './types.ts';

/** Who looks, and when: what TODAY, NOW and $User mean. */
export interface Viewer {
  catalog: Pick<Catalog, 'find'>;
  userId: string;
  /** `YYYY-MM-DD` in the user's time zone. */
  today: string;
  now: string;
}

/** Where a formula stands: the row that its fields are of. */
export interface Place {
  viewer: Viewer;
  sobject: SObject;
  /** The row's name in SQL. */
  row: string;
  /** The row as it was before the save, in SQL; only rules have one. */
  before: string | undefined;
  /** What an empty number counts as. */
  blanks: 'zero' | 'blank';
  /** How many formulas it stands inside of. */
  depth: number;
}

/** Compiles a formula at a place; handed over, since fields that are formulas lead back to it. */
export type Compile = (place: Place, formula: Formula) => Typed;

/** A field by its path: `Name`, `Account.Owner.Name`, `Owner:User.Email`, `$User.Id`. @throws FormulaError */
export function fieldAt(place: Place, path: string[], compile: Compile): Typed {
  const [first = ''] = path;
  if (first.startsWith('$')) return globalAt(place, path, compile);
  return stepTo(place, path, compile);
}

function stepTo(place: Place, path: string[], compile: Compile): Typed {
  const [name = '', ...rest] = path;
  if (rest.length === 0) return ownField(place, name, compile);
  const [relationship = '', only] = name.split(':');
  const field = place.sobject.fields.find(
    (each) => each.relationshipName?.toLowerCase() === relationship.toLowerCase(),
  );
  if (!field) throw missing(name);
  const targets = targetsOf(place, field, only);
  const found = targets.flatMap((sobject) => maybeParent({ ...place, sobject }, { from: place, field, rest }, compile));
  const [parent] = found;
  if (!parent) throw missing(rest.at(-1) ?? '');
  return found.length === 1 ? parent : { ...parent, sql: `coalesce(${found.map(({ sql }) => sql).join(', ')})` };
} // prettier-ignore

function targetsOf({ viewer }: Place, field: Field, only: string | undefined): SObject[] {
  const wanted = only?.toLowerCase() === 'queue' ? 'Group' : only;
  const names = wanted === undefined ? field.referenceTo : field.referenceTo.filter((each) => each.toLowerCase() === wanted.toLowerCase());
  return names.flatMap((name) => viewer.catalog.find(name) ?? []);
} // prettier-ignore

interface Step {
  from: Place;
  field: Field;
  rest: string[];
}

/** The value in the parent's row, one look-up a row; none where the parent has no such field. */
function maybeParent(target: Place, { from, field, rest }: Step, compile: Compile): Typed[] {
  const known = rest.length > 1 || target.sobject.field(rest[0] ?? '') !== undefined;
  if (!known) return [];
  const row = `p${String(from.depth)}_${from.row.replace(/\W/g, '')}`.slice(0, 60);
  const inner = stepTo({ ...target, row, before: undefined }, rest, compile);
  const look = (sql: string) =>
    `(select ${sql} from ${quote(target.sobject.name)} ${row} where ${row}."Id" = ${from.row}.${quote(field.name)})`;
  const { raw, type } = inner;
  const sql = look(type === 'text' || type === 'boolean' ? (raw ?? inner.sql) : inner.sql);
  return [{ ...inner, sql: filled({ type, sql }), ...(raw !== undefined && { raw: look(raw) }) }];
}

/** Where there is no parent, a text is empty and a truth false. */
const filled = ({ type, sql }: Typed) =>
  type === 'text' ? `coalesce(${sql}, '')` : type === 'boolean' ? `coalesce(${sql}, false)` : sql;

function ownField(place: Place, name: string, compile: Compile): Typed {
  const field = place.sobject.field(name);
  if (!field || field.type === 'address' || field.type === 'base64') throw missing(name);
  const type = typeOfField(field);
  if (field.formula !== null) return nested(place, { formula: field.formula, field }, compile);
  const raw = field.summary
    ? summarySql(place.viewer.catalog, field.summary, place.row)
    : `${place.row}.${quote(field.name)}`;
  if (field.type === 'id' || field.type === 'reference')
    return { type: 'text', sql: `left(coalesce(${raw}, ''), 15)`, raw };
  return { type, sql: columnSql(place, field, raw), raw };
}

function columnSql({ blanks }: Place, field: Field, raw: string): string {
  switch (typeOfField(field)) {
    case 'text':
      return `coalesce(${raw}, '')`;
    case 'boolean':
      return `coalesce(${raw}, false)`;
    case 'number': {
      const number = field.type === 'percent' ? `(${raw}::numeric / 100)` : `${raw}::numeric`;
      return blanks === 'zero' ? `coalesce(${number}, 0)` : number;
    }
    default:
      return raw;
  }
}

const mostDeep = 10;

function nested(place: Place, { formula, field }: { formula: string; field: Field }, compile: Compile): Typed {
  if (place.depth >= mostDeep) throw new FormulaError(`The formula cannot use the field ${field.name}: it refers to itself`);
  const inside: Place = { ...place, before: undefined, blanks: field.formulaTreatBlanksAs === 'BlankAsBlank' ? 'blank' : 'zero', depth: place.depth + 1 };
  const value = compile(inside, parseFormula(formula));
  return value.type === 'number' && place.blanks === 'zero' ? { ...value, sql: `coalesce(${value.sql}, 0)` } : value;
} // prettier-ignore

/** Rows that a formula names by themselves: the user, their profile and role, the org. */
const globals: Record<string, { object: string; id: (userId: string) => string }> = {
  $user: { object: 'User', id: (userId) => userId },
  $profile: { object: 'Profile', id: (userId) => `(select "ProfileId" from "User" where "Id" = ${userId})` },
  $userrole: {
    object: 'UserRole',
    id: (userId) => `(select "UserRoleId" from "User" where "Id" = ${userId})`,
  },
  $organization: { object: 'Organization', id: () => '(select "Id" from "Organization" limit 1)' },
};

function globalAt(place: Place, [head = '', ...rest]: string[], compile: Compile): Typed {
  if (head.toLowerCase() === '$recordtype') return stepTo(place, ['RecordType', ...rest], compile);
  const global = globals[head.toLowerCase()];
  const sobject = global && place.viewer.catalog.find(global.object);
  if (!global || !sobject) throw missing([head, ...rest].join('.'));
  const row = `g_${head.slice(1).toLowerCase()}`;
  const inner = stepTo({ ...place, sobject, row, before: undefined, depth: place.depth + 1 }, rest, compile);
  const look = (sql: string) =>
    `(select ${sql} from ${quote(sobject.name)} ${row} where ${row}."Id" = ${global.id(`'${place.viewer.userId}'`)})`;
  return { ...inner, sql: filled({ type: inner.type, sql: look(inner.sql) }), ...(inner.raw !== undefined && { raw: look(inner.raw) }) };
} // prettier-ignore

const missing = (name: string): FormulaError =>
  new FormulaError(`Field ${name} does not exist. Check spelling.`);
