import { addressIn, companyIn } from './companies.ts';
import { headcount } from './accounts/account.ts';
import { DAY } from './dates.ts';
import { personIn, titleIn } from './people.ts';
import { randomFrom } from './random.ts';
import { countries } from './regions/regions.ts';
import type { World } from './world.ts';

const weights = countries.map((country) => [country, country.share] as const);
const questions = [
  'Downloaded the trial of Tidewater Backup Server.',
  'Asks for a quote for 40 workstations and two servers.',
  'Met at the regional IT fair, wants a demo of Tidewater Monitor.',
  'Asks whether there is a price for schools.',
  'Registered for the webinar on recovery times.',
] as const;

/** Someone who is not a customer yet. */
export function addLead(world: World, index: number): void {
  const random = randomFrom(world.seed, 'lead', index);
  const country = random.weighted(weights);
  const company = companyIn(country, random, world.domains);
  const person = personIn(country, random);
  const address = addressIn(country, random);
  const at = world.now - Math.round(random.next() ** 1.6 * 320) * DAY - random.int(1, 80_000) * 1000;
  const isFresh = world.now - at < 10 * DAY;
  const Status = isFresh
    ? 'Open - Not Contacted'
    : random.pick(['Working - Contacted', 'Closed - Not Converted', 'Open - Not Contacted']);
  const rep = world.staff.forCountry('rep', country, random);
  world.add('Lead', {
    Id: world.ids.next('Lead'),
    LastName: person.lastName,
    FirstName: person.firstName,
    Title: titleIn(country, random.int(0, 5)),
    Company: company.name,
    Street: address.street,
    City: address.city,
    State: address.state,
    PostalCode: address.postalCode,
    Country: address.country,
    Phone: address.phone,
    Email: `${person.mailName}@${company.domain}`,
    Website: `https://www.${company.domain}`,
    Description: random.pick(questions),
    LeadSource: random.pick(['Web', 'Web', 'Phone Inquiry', 'Partner Referral', 'Other']),
    Status,
    Industry: company.industry,
    Rating: random.pick(['Hot', 'Warm', 'Cold']),
    NumberOfEmployees: headcount(random),
    OwnerId: isFresh && random.chance(0.4) ? world.staff.queues.leads : rep.id,
  }, { at, by: world.staff.admin }); // prettier-ignore
}
