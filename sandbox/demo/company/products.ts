import { firstIds } from '../../salesforce/schema/first-rows.ts';
import { addMonths, DAY } from '../dates.ts';
import type { Ids } from '../load/ids.ts';
import type { AddRow } from '../load/tables.ts';

/** Something that Tidewater Software sells. */
export interface Product {
  id: string;
  name: string;
  code: string;
  edition: string;
  version: string | null;
  kind: 'Add-On' | 'Product' | 'Support';
  /** List price a seat, in dollars. */
  price: number;
  entryId: string;
}

/** An edition through its versions, oldest first, with its annual support. */
export interface Edition {
  line: 'Tidewater Backup' | 'Tidewater Monitor';
  name: string;
  /** Product by version. */
  versions: readonly { version: string; released: number; product: Product }[];
  support: Product;
}

/** All that is sold, and the price book it is sold from. */
export interface Range {
  pricebook: string;
  editions: readonly Edition[];
  /** Add-ons of Tidewater Backup, each through its versions. */
  addOns: readonly Edition[];
}

/** Versions and how many months ago each was released. */
const releases = {
  'Tidewater Backup': [['9', 74], ['10', 45], ['11', 22], ['12', 5]],
  'Tidewater Monitor': [['4', 70], ['5', 31], ['6', 8]],
} as const; // prettier-ignore

const editionData = [
  [
    'Tidewater Backup',
    'Desktop',
    'DSK',
    59,
    'Backs up workstations and laptops, with restore of single files by their users.',
  ],
  [
    'Tidewater Backup',
    'Server',
    'SRV',
    690,
    'Backs up physical and virtual servers, with application-aware snapshots.',
  ],
  [
    'Tidewater Backup',
    'Enterprise',
    'ENT',
    1450,
    'Backs up whole sites: central console, roles, replication and audit trail.',
  ],
  ['Tidewater Monitor', 'Standard', 'STD', 190, 'Watches servers and services and tells before they fail.'],
  [
    'Tidewater Monitor',
    'Professional',
    'PRO',
    420,
    'Watches whole sites with forecasts, dashboards and on-call plans.',
  ],
] as const;

const addOnData = [
  ['SQL Agent', 'SQL', 390, 'Application-aware backup of databases with restore to a point in time.'],
  ['Mail Agent', 'MAIL', 340, 'Backup and single-item restore of mail servers.'],
  ['Virtualization', 'VIRT', 480, 'Agentless backup of virtual machines with instant recovery.'],
  ['Cloud Vault', 'VAULT', 260, 'A second, immutable copy off site, encrypted before it leaves.'],
  ['Bare-Metal Restore', 'BMR', 210, 'Restores a whole machine to different hardware.'],
] as const;

/** A yearly fee of a fifth of the list price keeps a license in support. */
const SUPPORT_RATE = 0.2;

interface Printing {
  now: number;
  add: AddRow;
  ids: Ids;
}

/** Makes the products with their prices in the standard price book and, a third lower, in the partners'. */
export function printPriceList({ now, add, ids }: Printing): Range {
  const at = now - 2000 * DAY;
  const stamp = { at, by: firstIds.admin };
  const partnerBook = ids.next('Pricebook2');
  add(
    'Pricebook2',
    {
      Id: partnerBook,
      Name: 'Partner Price Book',
      IsActive: true,
      IsStandard: false,
      Description: 'For distributors, resellers and MSPs.',
    },
    stamp,
  );
  const addEntry = (product: Omit<Product, 'entryId'>, Pricebook2Id: string, UnitPrice: number) => {
    const Id = ids.next('PricebookEntry');
    add(
      'PricebookEntry',
      {
        Id,
        Name: product.name,
        Pricebook2Id,
        Product2Id: product.id,
        UnitPrice,
        IsActive: true,
        UseStandardPrice: false,
        ProductCode: product.code,
      },
      stamp,
    );
    return Id;
  };
  const addProduct = (
    draft: Omit<Product, 'entryId' | 'id'>,
    about: { Description: string; Family: string; IsActive: boolean; at: number },
  ): Product => {
    const product = { ...draft, id: ids.next('Product2') };
    add(
      'Product2',
      {
        Id: product.id,
        Name: product.name,
        ProductCode: product.code,
        Description: about.Description,
        Family: about.Family,
        IsActive: about.IsActive,
        QuantityUnitOfMeasure: 'Each',
        StockKeepingUnit: product.code,
        Rapport_Kind__c: product.kind,
        Rapport_Edition__c: product.edition,
        Rapport_Version__c: product.version,
      },
      { at: about.at, by: firstIds.admin },
    );
    addEntry(product, partnerBook, Math.round(product.price * 0.67));
    return { ...product, entryId: addEntry(product, firstIds.standardPricebook, product.price) };
  };
  type Line = Edition['line'];
  const addEdition = (
    [line, name, short, price, Description]: readonly [Line, string, string, number, string],
    kind: 'Add-On' | 'Product',
  ): Edition => {
    const letters = line === 'Tidewater Backup' ? 'TWB' : 'TWM';
    const list = releases[line];
    const title = kind === 'Add-On' ? `${line} ${name} Add-On` : `${line} ${name}`;
    const about = { Description, Family: line, at };
    return {
      line,
      name,
      versions: list.map(([version, monthsAgo], place) => {
        const released = addMonths(now, -monthsAgo);
        const draft = {
          name: `${title} ${version}`,
          code: `${letters}-${short}-${version}`,
          edition: name,
          version,
          kind,
          price,
        };
        return {
          version,
          released,
          product: addProduct(draft, { ...about, IsActive: place >= list.length - 2, at: released }),
        };
      }),
      support: addProduct(
        {
          name: `${title} Annual Support & Maintenance`,
          code: `${letters}-${short}-ASM`,
          edition: name,
          version: null,
          kind: 'Support',
          price: Math.round(price * SUPPORT_RATE),
        },
        { ...about, Description: `One year of support and all new versions of ${title}.`, IsActive: true },
      ),
    };
  };
  return {
    pricebook: firstIds.standardPricebook,
    editions: editionData.map((edition) => addEdition(edition, 'Product')),
    addOns: addOnData.map((addOn) => addEdition(['Tidewater Backup', ...addOn], 'Add-On')),
  };
}

/** The version that was newest at a moment. */
export function newestAt(edition: Edition, moment: number): Edition['versions'][number] {
  const released = edition.versions.filter((version) => version.released <= moment);
  const found = released.at(-1) ?? edition.versions[0];
  if (!found) throw new RangeError(`${edition.name} has no versions`);
  return found;
}
