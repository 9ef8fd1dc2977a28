/** A place that companies have addresses in. */
export interface City {
  name: string;
  state: string;
  /** Pattern of its postal codes. */
  postalCode: string;
  /** Pattern of its telephone numbers, with the country's code. */
  phone: string;
}

/** A country in which Tidewater Software sells: how its people and companies are called and where they live. */
export interface Country {
  name: string;
  /** BCP 47 tag in which Rapport speaks to its people. */
  locale: string;
  /** Sales territory. */
  territory: 'Americas' | 'APAC' | 'DACH' | 'Iberia & LatAm' | 'Southern Europe' | 'UK & Ireland';
  timeZone: string;
  /** How many of a hundred accounts are here, about. */
  share: number;
  cities: readonly City[];
  /** What is added to the name of a foreign company's subsidiary. */
  subsidiary: string;
}

/** Cities written one a line: name | state | postal code | phone. */
export function cities(text: string): City[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', state = '', postalCode = '', phone = ''] = line.split('|').map((part) => part.trim());
      return { name, state, postalCode, phone };
    });
}
