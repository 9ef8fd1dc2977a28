import type { Clock } from '../../clock.ts';
import { wholeSeconds } from '../../clock.ts';
import { organization, staff } from '../../cast.ts';
import { quote } from '../../database.ts';
import type { Db } from '../../database.ts';
import { idOf, idSequence, numberSequence } from '../records/ids.ts';
import type { Catalog, SObject } from './catalog.ts';
import { statusRows } from './standard/statuses.ts';

/** Ids of what every org has from its first day; the sequences start behind them. */
export const firstIds = {
  organization: idOf('00D', 1),
  admin: idOf('005', 1),
  adminProfile: idOf('00e', 1),
  standardProfile: idOf('00e', 2),
  standardPricebook: idOf('01s', 1),
} as const;

const reserved = 1000;

/**
 * Inserts what an org has before anyone works in it (its own row, profiles, the administrator, the standard price
 * book) where it is missing. Called by `openOrg`, and again after a reset that emptied the tables.
 */
export async function insertFirstRows(db: Db, catalog: Catalog, clock: Clock): Promise<void> {
  const { rowCount } = await db.query('select from "Organization" limit 1');
  if (rowCount) return;
  for (const sequence of catalog.objects().flatMap(sequencesOf))
    await db.query('select setval($1::regclass, $2)', [quote(sequence), reserved]);
  const now = wholeSeconds(clock.now()).toISOString();
  const stamps = {
    CreatedDate: now,
    LastModifiedDate: now,
    SystemModstamp: now,
    CreatedById: firstIds.admin,
    LastModifiedById: firstIds.admin,
  };
  for (const [table, rows] of Object.entries(firstRows()))
    for (const row of rows) await insert(db, table, { ...stamps, ...row });
}

function sequencesOf(sobject: SObject): string[] {
  const isNumbered = sobject.fields.some((field) => field.autoNumber);
  return [idSequence(sobject.name), ...(isNumbered ? [numberSequence(sobject.name)] : [])];
}

/** The values of statuses, where they are missing: an org of before knew none. */
export async function insertStatuses(db: Db, clock: Clock): Promise<void> {
  const { rowCount } = await db.query('select from "LeadStatus" limit 1');
  if (rowCount) return;
  const now = wholeSeconds(clock.now()).toISOString();
  const stamps = { CreatedDate: now, LastModifiedDate: now, SystemModstamp: now, CreatedById: firstIds.admin, LastModifiedById: firstIds.admin };
  for (const [table, rows] of Object.entries(statusRows()))
    for (const row of rows) await insert(db, table, { ...stamps, ...row });
} // prettier-ignore

async function insert(db: Db, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row).map(quote).join(', ');
  const places = Object.keys(row)
    .map((_, at) => `$${String(at + 1)}`)
    .join(', ');
  await db.query(`insert into ${quote(table)} (${names}) values (${places})`, Object.values(row));
}

const firstRows = (): Record<string, Record<string, unknown>[]> => ({
  Organization: [
    {
      Id: firstIds.organization,
      Name: organization.name,
      Street: organization.street,
      City: organization.city,
      State: organization.state,
      PostalCode: organization.postalCode,
      Country: organization.country,
      Phone: organization.phone,
      TimeZoneSidKey: organization.timeZone,
      DefaultLocaleSidKey: 'en_US',
      LanguageLocaleKey: 'en_US',
      OrganizationType: 'Developer Edition',
      InstanceName: 'SBX01',
      DefaultAccountAccess: 'Edit',
    },
  ],
  Profile: [
    { Id: firstIds.adminProfile, Name: 'System Administrator', UserType: 'Standard', PermissionsApiEnabled: true, PermissionsModifyAllData: true, PermissionsViewAllData: true },
    { Id: firstIds.standardProfile, Name: 'Standard User', UserType: 'Standard', PermissionsApiEnabled: true },
  ],
  PermissionSet: [
    { Id: idOf('0PS', 1), Name: 'X00ex0000000001', Label: '00ex0000000001', ProfileId: firstIds.adminProfile, Type: 'Regular', PermissionsApiEnabled: true, PermissionsModifyAllData: true, PermissionsViewAllData: true },
    { Id: idOf('0PS', 2), Name: 'X00ex0000000002', Label: '00ex0000000002', ProfileId: firstIds.standardProfile, Type: 'Regular', PermissionsApiEnabled: true },
  ],
  User: [
    {
      Id: firstIds.admin,
      Username: staff.admin.username,
      FirstName: staff.admin.firstName,
      LastName: staff.admin.lastName,
      Email: staff.admin.email,
      Alias: staff.admin.alias,
      Title: staff.admin.title,
      CommunityNickname: staff.admin.alias,
      TimeZoneSidKey: staff.admin.timeZone,
      CompanyName: organization.name,
      ProfileId: firstIds.adminProfile,
      IsActive: true,
      UserType: 'Standard',
      LocaleSidKey: 'en_US',
      LanguageLocaleKey: 'en_US',
      EmailEncodingKey: 'UTF-8',
    },
  ],
  Pricebook2: [{ Id: firstIds.standardPricebook, Name: 'Standard Price Book', IsStandard: true, IsActive: true }],
}); // prettier-ignore
