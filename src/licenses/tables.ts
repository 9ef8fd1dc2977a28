import type { ColumnType, Generated } from 'kysely';

/** Every other readable field of Salesforce, under its name there. */
type Attributes = ColumnType<Record<string, unknown>, string | undefined, string>;

export interface ProductsTable {
  id: string;
  name: string;
  code: string | null;
  family: string | null;
  /** Product, Add-On or Support. */
  kind: string | null;
  edition: string | null;
  version: string | null;
  description: string | null;
  is_active: Generated<boolean>;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface LicensesTable {
  id: string;
  rapport_id: string | null;
  /** Salesforce's number of it, L-000001. */
  name: string;
  account_id: string | null;
  product_id: string | null;
  opportunity_id: string | null;
  edition: string | null;
  version: string | null;
  code: string | null;
  /** License or Channel Code. */
  kind: string | null;
  seats: number | null;
  /** Active, Trial, Expired, Replaced or Revoked. */
  status: string | null;
  is_trial: Generated<boolean>;
  /** Calendar dates, YYYY-MM-DD. */
  purchased_on: string | null;
  support_until: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface AssetsTable {
  id: string;
  name: string;
  account_id: string | null;
  contact_id: string | null;
  product_id: string | null;
  serial_number: string | null;
  status: string | null;
  quantity: number | null;
  price_minor: number | null;
  /** Calendar dates, YYYY-MM-DD. */
  purchased_on: string | null;
  installed_on: string | null;
  usage_ends_on: string | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

export interface ContractsTable {
  id: string;
  number: string | null;
  account_id: string | null;
  status: string | null;
  starts_on: string | null;
  ends_on: string | null;
  term_months: number | null;
  owner_id: string | null;
  activated_at: Date | null;
  attributes: Attributes;
  created_at: Date | null;
  modified_at: Date;
  deleted_at: Date | null;
}

declare module '../platform/db.ts' {
  interface Tables {
    products: ProductsTable;
    licenses: LicensesTable;
    assets: AssetsTable;
    contracts: ContractsTable;
  }
}
