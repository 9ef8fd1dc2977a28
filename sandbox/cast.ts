/**
 * The named people of the demo, the same in the sandbox org, the demo data and the tests. Everyone else in the demo org is
 * generated from a seed; these stay as they are whatever its size.
 */

/** The company whose Salesforce org the sandbox stands in for. */
export const organization = {
  name: 'Tidewater Software',
  website: 'https://www.tidewater.example',
  street: '410 Harbor Street',
  city: 'Norfolk',
  state: 'VA',
  postalCode: '23510',
  country: 'United States',
  phone: '+1 757 555 0100',
  timeZone: 'America/New_York',
} as const;

/** The External Client App that Rapport signs in with. */
export const oauthClient = { id: 'rapport', secret: 'rapport-secret' } as const;

/** Password of every one of the cast in the portal; refused outside sandbox mode. */
export const DEMO_PASSWORD = 'rapport-demo';

/** Password of every Salesforce user of the sandbox org. */
export const SANDBOX_PASSWORD = 'sandbox';

/** A permission set of the package in `salesforce/` whose assignment makes a user staff. */
export type RolePermissionSet = 'Rapport_Admin' | 'Rapport_Rep' | 'Rapport_Success' | 'Rapport_Support';

/** A Salesforce user of the cast. */
export interface StaffMember {
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  alias: string;
  title: string;
  profile: 'System Administrator' | 'Standard User';
  permissionSet: RolePermissionSet;
  timeZone: string;
}

/** A contact of the cast; `accounts` names the account they belong to first, then the others that they also act for. */
export interface CastContact {
  email: string;
  firstName: string;
  lastName: string;
  title: string;
  locale: string;
  accounts: readonly [string, ...string[]];
}

/** The four members of staff. The administrator is also the user that Rapport's integration runs as. */
export const staff = {
  admin: {
    username: 'admin@rapport.sandbox',
    email: 'admin@rapport.example',
    firstName: 'Ada',
    lastName: 'Thornton',
    alias: 'athorn',
    title: 'Business Systems Administrator',
    profile: 'System Administrator',
    permissionSet: 'Rapport_Admin',
    timeZone: 'America/New_York',
  },
  support: {
    username: 'support@rapport.sandbox',
    email: 'support@rapport.example',
    firstName: 'Sam',
    lastName: 'Whitfield',
    alias: 'swhit',
    title: 'Senior Support Engineer',
    profile: 'Standard User',
    permissionSet: 'Rapport_Support',
    timeZone: 'America/New_York',
  },
  csm: {
    username: 'csm@rapport.sandbox',
    email: 'csm@rapport.example',
    firstName: 'Clara',
    lastName: 'Mendes',
    alias: 'cmend',
    title: 'Customer Success Manager',
    profile: 'Standard User',
    permissionSet: 'Rapport_Success',
    timeZone: 'America/New_York',
  },
  rep: {
    username: 'rep@rapport.sandbox',
    email: 'rep@rapport.example',
    firstName: 'Ruth',
    lastName: 'Calloway',
    alias: 'rcall',
    title: 'Regional Sales Manager',
    profile: 'Standard User',
    permissionSet: 'Rapport_Rep',
    timeZone: 'America/Chicago',
  },
} as const satisfies Record<string, StaffMember>;

/** The named accounts that the cast's contacts belong to. */
export const castAccounts = {
  customer: 'Halden Freight Group',
  customerSecond: 'Halden Cold Storage',
  distributor: 'Meridian Software Distribution',
  reseller: 'Blue Quay Systems',
} as const;

/** The three people from outside: a customer of two accounts, a distributor and one of its resellers. */
export const castContacts = {
  customer: {
    email: 'customer@rapport.example',
    firstName: 'Maya',
    lastName: 'Okafor',
    title: 'IT Operations Manager',
    locale: 'en',
    accounts: [castAccounts.customer, castAccounts.customerSecond],
  },
  distributor: {
    email: 'distributor@rapport.example',
    firstName: 'Daniel',
    lastName: 'Reyes',
    title: 'Channel Director',
    locale: 'en',
    accounts: [castAccounts.distributor],
  },
  reseller: {
    email: 'reseller@rapport.example',
    firstName: 'Priya',
    lastName: 'Raman',
    title: 'Managing Partner',
    locale: 'en',
    accounts: [castAccounts.reseller],
  },
} as const satisfies Record<string, CastContact>;
