import { englishSpeaking } from './english.ts';
import { european } from './european.ts';
import { overseas } from './overseas.ts';
import type { Country } from './region.ts';

/** Every country in which the demo company sells, in all ten locales of the product. */
export const countries: readonly Country[] = [...englishSpeaking, ...european, ...overseas];

/** The country of that name. @throws RangeError for one where the demo company doesn't sell. */
export function countryNamed(name: string): Country {
  const found = countries.find((country) => country.name === name);
  if (!found) throw new RangeError(`no country ${name} in the demo`);
  return found;
}
