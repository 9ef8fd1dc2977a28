import { catalogBeforeHealth } from '../health/catalog.ts';
import { healthFields } from '../health/fields.ts';
import { type Catalog, catalogOf } from '../rules/fields.ts';

import { segmentFields } from './fields.ts';

/** Everything that a rule may ask of accounts and people: all fields of all capabilities. */
export async function wholeCatalog(): Promise<Catalog> {
  const before = await catalogBeforeHealth();
  return catalogOf([...before.values()], healthFields, segmentFields);
}
