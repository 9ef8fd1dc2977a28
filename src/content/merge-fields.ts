import { managerOf } from '../accounts/managers.ts';
import { config } from '../platform/config.ts';
import { sql } from '../platform/db.ts';
import { keeping } from '../platform/kept.ts';
import { type Asked, type Catalog, catalogOf, type Field } from '../rules/fields.ts';
import { wholeCatalog } from '../segments/catalog.ts';

/** What stands in every message by itself, and is no field of anybody. */
export const globals = {
  today: 'date',
  'brand.name': 'text',
  'brand.supportEmail': 'text',
  'portal.url': 'text',
} as const;

/** What links of ours a message may have; each recipient gets their own. */
export const systemLinks = ['links.unsubscribe', 'links.preferences'] as const;

/** The values of `globals`, `today` apart. */
export const globalValues = () => ({
  brand: { name: config.BRAND_NAME, supportEmail: config.BRAND_SUPPORT_EMAIL },
  portal: { url: config.publicUrl },
});

/** The fields that messages may show, and those that the columns and rules of their tables may name. */
interface Catalogs {
  /** Every field of a person, their account and who looks after it (CP11), by name. */
  merge: Catalog;
  table: Catalog;
}

const keeper = keeping<Catalogs>({ milliseconds: 30_000, most: 1 });

/** What can be asked for, as it is now: an org's own fields come and go. */
export async function catalogs(): Promise<Catalogs> {
  return await keeper({ key: 'fields', version: '' }, async () => {
    const whole = [...(await wholeCatalog()).values()];
    return { merge: catalogOf(whole.filter(isShowable), own), table: catalogOf(whole, own) };
  });
}

/* Ids say nothing to a reader; what they stand for has fields of its own below. */
const ids = new Set(['account.manager', 'account.owner', 'account.segments', 'person.segments']);

const isShowable = ({ name, entity, parameters = [] }: Field): boolean =>
  (entity === 'person' || entity === 'account') &&
  !ids.has(name) &&
  parameters.every(({ isOptional }) => isOptional === true);

const contact = ({ join }: Asked) =>
  join(sql`contacts`, (row) => sql`${row('id')} = p.contact_id and ${row('deleted_at')} is null`, 'contacts');

const person = { entity: 'person', group: 'person', type: 'text' } as const;

/** A user of Salesforce by their id. */
const user = (who: 'manager' | 'owner', column: string): Field => ({
  name: `${who}.${column}`,
  entity: 'account',
  group: who,
  type: 'text',
  sql: ({ join }) =>
    join(
      sql`users`,
      (row) =>
        sql`${row('id')} = ${who === 'manager' ? managerOf('a') : sql`a.owner_id`} and ${row('deleted_at')} is null`,
      who,
    )(column),
});

const own: Field[] = [
  {
    ...person,
    name: 'person.firstName',
    sql: (asked) => sql`coalesce(nullif(btrim(${contact(asked)('first_name')}), ''), nullif(split_part(btrim(p.name), ' ', 1), ''))`,
  },
  { ...person, name: 'person.lastName', sql: (asked) => sql`nullif(btrim(${contact(asked)('last_name')}), '')` },
  {
    name: 'account.parentName',
    entity: 'account',
    group: 'account',
    type: 'text',
    sql: ({ join }) =>
      join(sql`accounts`, (row) => sql`${row('id')} = a.parent_id and ${row('deleted_at')} is null`, 'parent')('name'),
  },
  ...(['manager', 'owner'] as const).flatMap((who) => ['name', 'email', 'phone', 'title'].map((column) => user(who, column))),
]; // prettier-ignore
