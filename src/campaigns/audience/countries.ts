/*
 * Where somebody is whose own zone and language nobody knows: by their account's country. Of countries with several zones, the one that most
 * people live in.
 */

const places: Record<string, [zone: string, locale: string]> = {
  AE: ['Asia/Dubai', 'en-GB'], AR: ['America/Argentina/Buenos_Aires', 'es-419'], AT: ['Europe/Vienna', 'de'], AU: ['Australia/Sydney', 'en-AU'],
  BE: ['Europe/Brussels', 'fr'], BG: ['Europe/Sofia', 'en'], BO: ['America/La_Paz', 'es-419'], BR: ['America/Sao_Paulo', 'pt'],
  CA: ['America/Toronto', 'en'], CH: ['Europe/Zurich', 'de'], CL: ['America/Santiago', 'es-419'], CN: ['Asia/Shanghai', 'en'],
  CO: ['America/Bogota', 'es-419'], CR: ['America/Costa_Rica', 'es-419'], CZ: ['Europe/Prague', 'en'], DE: ['Europe/Berlin', 'de'],
  DK: ['Europe/Copenhagen', 'en'], DO: ['America/Santo_Domingo', 'es-419'], EC: ['America/Guayaquil', 'es-419'], EE: ['Europe/Tallinn', 'en'],
  EG: ['Africa/Cairo', 'en'], ES: ['Europe/Madrid', 'es'], FI: ['Europe/Helsinki', 'en'], FR: ['Europe/Paris', 'fr'],
  GB: ['Europe/London', 'en-GB'], GR: ['Europe/Athens', 'en'], GT: ['America/Guatemala', 'es-419'], HK: ['Asia/Hong_Kong', 'en-GB'],
  HR: ['Europe/Zagreb', 'en'], HU: ['Europe/Budapest', 'en'], ID: ['Asia/Jakarta', 'en'], IE: ['Europe/Dublin', 'en-GB'],
  IL: ['Asia/Jerusalem', 'en'], IN: ['Asia/Kolkata', 'en-GB'], IS: ['Atlantic/Reykjavik', 'en'], IT: ['Europe/Rome', 'it'],
  JP: ['Asia/Tokyo', 'ja'], KE: ['Africa/Nairobi', 'en-GB'], KR: ['Asia/Seoul', 'en'], LI: ['Europe/Vaduz', 'de'],
  LT: ['Europe/Vilnius', 'en'], LU: ['Europe/Luxembourg', 'fr'], LV: ['Europe/Riga', 'en'], MA: ['Africa/Casablanca', 'fr'],
  MC: ['Europe/Monaco', 'fr'], MX: ['America/Mexico_City', 'es-419'], MY: ['Asia/Kuala_Lumpur', 'en-GB'], NG: ['Africa/Lagos', 'en-GB'],
  NL: ['Europe/Amsterdam', 'en'], NO: ['Europe/Oslo', 'en'], NZ: ['Pacific/Auckland', 'en-AU'], PA: ['America/Panama', 'es-419'],
  PE: ['America/Lima', 'es-419'], PH: ['Asia/Manila', 'en'], PL: ['Europe/Warsaw', 'en'], PT: ['Europe/Lisbon', 'pt'],
  PY: ['America/Asuncion', 'es-419'], RO: ['Europe/Bucharest', 'en'], RS: ['Europe/Belgrade', 'en'], SA: ['Asia/Riyadh', 'en'],
  SE: ['Europe/Stockholm', 'en'], SG: ['Asia/Singapore', 'en-GB'], SI: ['Europe/Ljubljana', 'en'], SK: ['Europe/Bratislava', 'en'],
  TH: ['Asia/Bangkok', 'en'], TN: ['Africa/Tunis', 'fr'], TR: ['Europe/Istanbul', 'en'], TW: ['Asia/Taipei', 'en'],
  UA: ['Europe/Kyiv', 'en'], US: ['America/New_York', 'en'], UY: ['America/Montevideo', 'es-419'], VE: ['America/Caracas', 'es-419'],
  VN: ['Asia/Ho_Chi_Minh', 'en'], ZA: ['Africa/Johannesburg', 'en-GB'],
}; // prettier-ignore

/** What else people write. */
const alsoCalled: Record<string, readonly string[]> = {
  US: ['USA', 'U.S.', 'U.S.A.', 'United States of America'],
  GB: ['UK', 'U.K.', 'Great Britain', 'England', 'Scotland', 'Wales', 'Northern Ireland'],
  CZ: ['Czech Republic'],
  NL: ['The Netherlands', 'Holland'],
  KR: ['Korea', 'Republic of Korea'],
  TR: ['Turkey'],
};

const languages = ['en', 'de', 'es', 'fr', 'it', 'ja', 'pt'];

/** Every name of every country, lowercase, in the languages of the product, once, with its zone and its locale. */
export const countryPlaces: readonly { country: string; zone: string; locale: string }[] = [
  ...new Map(
    Object.entries(places).flatMap(([code, [zone, locale]]) =>
      namesOf(code).map((country) => [country, { country, zone, locale }] as const),
    ),
  ).values(),
];

function namesOf(code: string): string[] {
  const names = languages.map(
    (language) => new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code,
  );
  return [code, ...names, ...(alsoCalled[code] ?? [])].map((name) => name.toLowerCase());
}
