import { languageOf } from '../people.ts';
import type { Random } from '../random.ts';
import type { Country } from '../regions/region.ts';

/** What a member of staff does for customers. */
export type Job = 'agent' | 'csm' | 'rep';

/** A Salesforce user who works with customers. */
export interface StaffUser {
  id: string;
  name: string;
  email: string;
  job: Job;
  /** Where they sit, and so whose language they speak. */
  country: string;
  language: string;
  territory: Country['territory'];
}

/** The users of the demo org, and who does what. */
export interface Staff {
  /** Administrator and integration user. */
  admin: string;
  cast: Record<Job, StaffUser>;
  /** Queues of cases, by territory, and of what is escalated. */
  queues: { byTerritory: Readonly<Record<Country['territory'], string>>; escalations: string; leads: string };
  /** Names as CaseHistory writes them, by id. */
  nameOf: (id: string) => string;
  /** Someone of that job for a country: of it if possible, else who speaks its language there. */
  forCountry: (job: Job, country: Country, random: Random) => StaffUser;
}

/** Chooses among users: the country's own, else those of the territory who speak the language, else the territory's. */
export function chooser(users: readonly StaffUser[]): Staff['forCountry'] {
  const known = new Map<string, readonly StaffUser[]>();
  return (job, country, random) => {
    const key = `${job} ${country.name}`;
    const found =
      known.get(key) ??
      candidates(
        users.filter((user) => user.job === job),
        country,
      );
    known.set(key, found);
    return random.pick(found);
  };
}

function candidates(users: readonly StaffUser[], country: Country): readonly StaffUser[] {
  const language = languageOf(country.locale);
  const inTerritory = users.filter((user) => user.territory === country.territory);
  const choices = [
    inTerritory.filter((user) => user.country === country.name),
    inTerritory.filter((user) => user.language === language),
    inTerritory,
  ];
  return choices.find((choice) => choice.length > 0) ?? users;
}
