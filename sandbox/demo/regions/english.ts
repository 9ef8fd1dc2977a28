import { cities, type Country } from './region.ts';

export const englishSpeaking: readonly Country[] = [
  {
    name: 'United States',
    locale: 'en',
    territory: 'Americas',
    timeZone: 'America/New_York',
    share: 28,
    subsidiary: 'North America Inc.',
    cities: cities(`
      Seattle       | WA | 981## | +1 206 555 01##
      Portland      | OR | 972## | +1 503 555 01##
      San Jose      | CA | 951## | +1 408 555 01##
      San Diego     | CA | 921## | +1 619 555 01##
      Denver        | CO | 802## | +1 303 555 01##
      Austin        | TX | 787## | +1 512 555 01##
      Houston       | TX | 770## | +1 713 555 01##
      Chicago       | IL | 606## | +1 312 555 01##
      Minneapolis   | MN | 554## | +1 612 555 01##
      Columbus      | OH | 432## | +1 614 555 01##
      Atlanta       | GA | 303## | +1 404 555 01##
      Charlotte     | NC | 282## | +1 704 555 01##
      Richmond      | VA | 232## | +1 804 555 01##
      Boston        | MA | 021## | +1 617 555 01##
      Philadelphia  | PA | 191## | +1 215 555 01##
      Salt Lake City| UT | 841## | +1 801 555 01##
    `),
  },
  {
    name: 'Canada',
    locale: 'en',
    territory: 'Americas',
    timeZone: 'America/Toronto',
    share: 4,
    subsidiary: 'Canada Inc.',
    cities: cities(`
      Toronto   | ON | M5? #?# | +1 416 555 01##
      Vancouver | BC | V6? #?# | +1 604 555 01##
      Calgary   | AB | T2? #?# | +1 403 555 01##
      Ottawa    | ON | K1? #?# | +1 613 555 01##
    `),
  },
  {
    name: 'United Kingdom',
    locale: 'en-GB',
    territory: 'UK & Ireland',
    timeZone: 'Europe/London',
    share: 9,
    subsidiary: 'UK Ltd',
    cities: cities(`
      London     | Greater London     | EC#? #?? | +44 20 7946 0###
      Manchester | Greater Manchester | M# #??   | +44 161 496 0###
      Birmingham | West Midlands      | B# #??   | +44 121 496 0###
      Leeds      | West Yorkshire     | LS# #??  | +44 113 496 0###
      Bristol    | Bristol            | BS# #??  | +44 117 496 0###
      Edinburgh  | Midlothian         | EH# #??  | +44 131 496 0###
      Cardiff    | South Glamorgan    | CF# #??  | +44 29 2018 0###
      Sheffield  | South Yorkshire    | S# #??   | +44 114 496 0###
    `),
  },
  {
    name: 'Ireland',
    locale: 'en-GB',
    territory: 'UK & Ireland',
    timeZone: 'Europe/Dublin',
    share: 2,
    subsidiary: 'Ireland DAC',
    cities: cities(`
      Dublin   | County Dublin   | D0# ?#?# | +353 1 555 0###
      Cork     | County Cork     | T12 ?#?# | +353 21 555 0###
      Galway   | County Galway   | H91 ?#?# | +353 91 555 0##
    `),
  },
  {
    name: 'Australia',
    locale: 'en-AU',
    territory: 'APAC',
    timeZone: 'Australia/Sydney',
    share: 5,
    subsidiary: 'Australia Pty Ltd',
    cities: cities(`
      Sydney    | NSW | 20## | +61 2 5550 0###
      Melbourne | VIC | 30## | +61 3 5550 0###
      Brisbane  | QLD | 40## | +61 7 5550 0###
      Perth     | WA  | 60## | +61 8 5550 0###
      Adelaide  | SA  | 50## | +61 8 7010 0###
    `),
  },
  {
    name: 'New Zealand',
    locale: 'en-AU',
    territory: 'APAC',
    timeZone: 'Pacific/Auckland',
    share: 1,
    subsidiary: 'NZ Ltd',
    cities: cities(`
      Auckland   | Auckland   | 10## | +64 9 555 0###
      Wellington | Wellington | 60## | +64 4 555 0###
    `),
  },
];
