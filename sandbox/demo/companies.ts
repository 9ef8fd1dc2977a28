import { languageOf } from './people.ts';
import type { Random } from './random.ts';
import type { City, Country } from './regions/region.ts';
import { slug, spelled } from './spelling.ts';
import { coinedWords, companyPatterns } from './words/companies.ts';
import { namesIn } from './words/names.ts';
import { streetIn } from './words/streets.ts';

/** A made-up company. `domain` is under `.example`, so that no mail can ever reach anyone. */
export interface Company {
  name: string;
  industry: string;
  domain: string;
}

/** Legal forms where the patterns leave them open, or other than the pattern has them. */
const forms: Readonly<Record<string, readonly string[]>> = {
  'United States': ['Inc.', 'LLC', 'Corporation'],
  Canada: ['Inc.', 'Ltd.'],
  'United Kingdom': ['Ltd', 'plc', 'Group Ltd'],
  Ireland: ['Ltd', 'DAC'],
  Australia: ['Pty Ltd'],
  'New Zealand': ['Ltd'],
  Brazil: ['Ltda.', 'S.A.'],
  Portugal: ['Lda.', 'S.A.'],
  Mexico: ['S.A. de C.V.'],
  Colombia: ['S.A.S.'],
  Chile: ['SpA'],
};

/** A company of that country whose name nobody in `taken` has yet; it is added there. */
export function companyIn(country: Country, random: Random, taken: Set<string>): Company {
  const language = languageOf(country.locale);
  const [industry, ...patterns] = random.pick(companyPatterns[language] ?? []);
  for (let attempt = 0; ; attempt += 1) {
    const { name, latin } = named(random.pick(patterns), country, random);
    const domain = `${latin}${attempt > 4 ? `-${String(random.int(2, 999))}` : ''}.example`;
    if (taken.has(domain)) continue;
    taken.add(domain);
    return { name, industry, domain };
  }
}

function named(pattern: string, country: Country, random: Random): { name: string; latin: string } {
  const names = namesIn(country.name);
  const latin: string[] = [];
  const name = pattern.replace(/\{(\w+)\}/g, (_, kind: string) => {
    if (kind === 'form') return random.pick(forms[country.name] ?? ['']);
    const word =
      kind === 'word'
        ? coined(country, random)
        : spelled(random.pick(kind === 'first' ? names.female : names.last));
    latin.push(slug(word.latin));
    return word.written;
  });
  const rest = slug(pattern.replace(/\{\w+\}/g, ' '))
    .split('-')
    .filter((word) => !legalWords.has(word));
  const parts = [...latin, ...rest.slice(0, 1)].filter((word) => word !== '');
  return { name: withForm(name, country, random), latin: parts.join('-') };
}

const legalWords = new Set(
  'gmbh co kg ag ug mbh ggmbh e v eg sl sa srl spa snc sas sarl the of and y et e a ohg llp'.split(' '),
);

function coined(country: Country, random: Random): { written: string; latin: string } {
  const { starts, ends } = coinedWords[languageOf(country.locale)] ?? { starts: [], ends: [] };
  const [start, end] = [spelled(random.pick(starts)), spelled(random.pick(ends))];
  return { written: start.written + end.written, latin: start.latin + end.latin };
}

/** Spanish forms turn into those of the country; Portuguese patterns carry none and get one, but for hospitals and schools. */
function withForm(name: string, country: Country, random: Random): string {
  const own = forms[country.name];
  if (own && country.locale === 'es-419') return name.replace(/S\.[LA]\.$/, random.pick(own));
  const isCivic = /^(Hospital|Col|Inst|Facul|Cooper)/.test(name);
  return own && country.locale === 'pt' && !isCivic ? `${name} ${random.pick(own)}` : name;
}

/** A postal address in one of the country's cities, in the fields of Account.Billing… and Contact.Mailing…. */
export function addressIn(country: Country, random: Random, city: City = random.pick(country.cities)) {
  return {
    street: streetIn(languageOf(country.locale), random),
    city: city.name,
    state: city.state,
    postalCode: random.fill(city.postalCode),
    country: country.name,
    phone: random.fill(city.phone),
  };
}

/** What a group calls its branch abroad or in a city: `Ashbourne Freight Deutschland GmbH`. */
export function subsidiaryName(group: string, country: Country, city: City, isAbroad: boolean): string {
  const stem = shortName(group);
  if (isAbroad)
    return country.locale === 'ja' ? `${stem}${country.subsidiary}` : `${stem} ${country.subsidiary}`;
  return country.locale === 'ja'
    ? `${stem}${city.name.replace(/[都道府県市区].*$/, '')}支店`
    : `${stem} ${city.name}`;
}

/** What a company would print on a box abroad: its domain's first word. */
export function brandOf({ domain }: Company): string {
  const [word = ''] = domain.split(/[-.]/);
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A company's name without its legal form. */
export function shortName(name: string): string {
  const bare = name.replace(
    /( (Inc\.|LLC|Corporation|Ltd\.?|plc|Group Ltd|DAC|Pty Ltd|GmbH( & Co\. KG)?|AG|KG|eG|gGmbH|mbH|e\. V\.|S\.[LA]\.|S\.A\. de C\.V\.|S\.A\.S\.|SpA|SAS|SARL|SA|S\.r\.l\.|S\.p\.A\.|S\.n\.c\.|Ltda\.|Lda\.))+$|^株式会社|株式会社$/g,
    '',
  );
  return bare === '' ? name : bare;
}

/** A colleague's address at a company: `maya.okafor@ashbourne-freight.example`, with a number when it is taken there. */
export function mailAt(domain: string, mailName: string, taken: readonly string[]): string {
  const plain = `${mailName}@${domain}`;
  const others = taken.filter((address) => address.startsWith(mailName)).length;
  return others === 0 ? plain : `${mailName}${String(others + 1)}@${domain}`;
}
