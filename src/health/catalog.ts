import { type Catalog, catalogOf } from '../rules/fields.ts';

/** Everything that a profile's rule may ask: what is known of an account before its health is. */
export const catalogBeforeHealth = (): Promise<Catalog> => Promise.resolve(catalogOf());
