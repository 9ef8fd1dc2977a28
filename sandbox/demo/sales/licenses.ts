import type { DemoAccount } from '../accounts/account.ts';
import type { Product } from '../company/products.ts';
import { DAY, isoDate } from '../dates.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

/** A license or channel code that an account owns. */
export interface License {
  product: Product;
  seats: number;
  status: 'Active' | 'Expired' | 'Replaced' | 'Revoked' | 'Trial';
  boughtAt: number;
  supportUntil: number;
  isTrial?: boolean;
  kind?: 'Channel Code' | 'License';
  opportunityId?: string | undefined;
}

const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A license code: 16 of 36 signs. The last five tell the license's number in disguise, so that no two are alike. */
export function licenseCode(random: Random, number: number): string {
  const drawn = Array.from({ length: 11 }, () => signs[random.int(0, 35)]);
  const disguised = (number * 7_919) % 36 ** 5;
  return drawn.join('') + disguised.toString(36).toUpperCase().padStart(5, '0');
}

/** Writes a license. */
export function addLicense(world: World, random: Random, account: DemoAccount, license: License): void {
  const { product } = license;
  const at = Math.min(world.now - DAY / 8, license.boughtAt + random.int(1, 30) * 3_600_000);
  const changedAt =
    license.status === 'Active' || license.status === 'Trial'
      ? at
      : Math.min(world.now - DAY / 8, Math.max(at, license.supportUntil));
  const number = world.ids.number('Rapport_License__c');
  world.add('Rapport_License__c', {
    Id: world.ids.next('Rapport_License__c'),
    Name: `L-${String(number).padStart(6, '0')}`,
    OwnerId: account.rep.id,
    Rapport_Account__c: account.id,
    Rapport_Product__c: product.id,
    Rapport_Opportunity__c: license.opportunityId,
    Rapport_Edition__c: product.edition,
    Rapport_Version__c: product.version,
    Rapport_Code__c: licenseCode(random, number),
    Rapport_Kind__c: license.kind ?? 'License',
    Rapport_Seats__c: license.seats,
    Rapport_Status__c: license.status,
    Rapport_Trial__c: license.isTrial ?? false,
    Rapport_Purchased_On__c: isoDate(license.boughtAt),
    Rapport_Support_Until__c: isoDate(license.supportUntil),
  }, { at, by: world.staff.admin, changedAt }); // prettier-ignore
}
