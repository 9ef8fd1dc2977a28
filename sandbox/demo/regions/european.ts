import { cities, type Country } from './region.ts';

export const european: readonly Country[] = [
  {
    name: 'Germany',
    locale: 'de',
    territory: 'DACH',
    timeZone: 'Europe/Berlin',
    share: 12,
    subsidiary: 'Deutschland GmbH',
    cities: cities(`
      Hamburg   | Hamburg             | 20### | +49 40 555 0###
      Berlin    | Berlin              | 10### | +49 30 555 0###
      München   | Bayern              | 80### | +49 89 555 0###
      Köln      | Nordrhein-Westfalen | 50### | +49 221 555 0##
      Stuttgart | Baden-Württemberg   | 70### | +49 711 555 0##
      Leipzig   | Sachsen             | 04### | +49 341 555 0##
      Kassel    | Hessen              | 34### | +49 561 555 0##
      Bremen    | Bremen              | 28### | +49 421 555 0##
      Nürnberg  | Bayern              | 90### | +49 911 555 0##
      Münster   | Nordrhein-Westfalen | 48### | +49 251 555 0##
    `),
  },
  {
    name: 'Austria',
    locale: 'de',
    territory: 'DACH',
    timeZone: 'Europe/Vienna',
    share: 2,
    subsidiary: 'Austria GmbH',
    cities: cities(`
      Wien     | Wien          | 10#0 | +43 1 555 0###
      Graz     | Steiermark    | 80#0 | +43 316 555 0##
      Linz     | Oberösterreich| 40#0 | +43 732 555 0##
    `),
  },
  {
    name: 'Switzerland',
    locale: 'de',
    territory: 'DACH',
    timeZone: 'Europe/Zurich',
    share: 2,
    subsidiary: '(Schweiz) AG',
    cities: cities(`
      Zürich | Zürich | 80## | +41 44 555 0# ##
      Basel  | Basel-Stadt | 40## | +41 61 555 0# ##
      Bern   | Bern   | 30## | +41 31 555 0# ##
    `),
  },
  {
    name: 'France',
    locale: 'fr',
    territory: 'Southern Europe',
    timeZone: 'Europe/Paris',
    share: 8,
    subsidiary: 'France SAS',
    cities: cities(`
      Paris      | Île-de-France        | 750## | +33 1 99 00 ## ##
      Lyon       | Auvergne-Rhône-Alpes | 690## | +33 4 65 71 ## ##
      Nantes     | Pays de la Loire     | 440## | +33 2 61 91 ## ##
      Lille      | Hauts-de-France      | 590## | +33 3 53 01 ## ##
      Toulouse   | Occitanie            | 310## | +33 5 36 49 ## ##
      Strasbourg | Grand Est            | 670## | +33 3 53 01 ## ##
      Rennes     | Bretagne             | 350## | +33 2 61 91 ## ##
    `),
  },
  {
    name: 'Belgium',
    locale: 'fr',
    territory: 'Southern Europe',
    timeZone: 'Europe/Brussels',
    share: 1,
    subsidiary: 'Belgium SA',
    cities: cities(`
      Bruxelles | Bruxelles | 10#0 | +32 2 555 0# ##
      Liège     | Liège     | 40#0 | +32 4 555 0# ##
    `),
  },
  {
    name: 'Italy',
    locale: 'it',
    territory: 'Southern Europe',
    timeZone: 'Europe/Rome',
    share: 6,
    subsidiary: 'Italia S.r.l.',
    cities: cities(`
      Milano  | MI | 201## | +39 02 5550 0###
      Torino  | TO | 101## | +39 011 555 0###
      Bologna | BO | 401## | +39 051 555 0###
      Roma    | RM | 001## | +39 06 5550 0###
      Verona  | VR | 371## | +39 045 555 0###
      Napoli  | NA | 801## | +39 081 555 0###
      Padova  | PD | 351## | +39 049 555 0###
    `),
  },
  {
    name: 'Spain',
    locale: 'es',
    territory: 'Iberia & LatAm',
    timeZone: 'Europe/Madrid',
    share: 5,
    subsidiary: 'España S.L.',
    cities: cities(`
      Madrid    | Madrid    | 280## | +34 915 55 0# ##
      Barcelona | Barcelona | 080## | +34 935 55 0# ##
      Valencia  | Valencia  | 460## | +34 965 55 0# ##
      Bilbao    | Vizcaya   | 480## | +34 945 55 0# ##
      Sevilla   | Sevilla   | 410## | +34 955 55 0# ##
      Zaragoza  | Zaragoza  | 500## | +34 976 55 0# ##
    `),
  },
  {
    name: 'Portugal',
    locale: 'pt',
    territory: 'Iberia & LatAm',
    timeZone: 'Europe/Lisbon',
    share: 2,
    subsidiary: 'Portugal Lda.',
    cities: cities(`
      Lisboa  | Lisboa | 1#00-### | +351 21 555 0###
      Porto   | Porto  | 4#00-### | +351 22 555 0###
      Braga   | Braga  | 47#0-### | +351 253 555 0##
    `),
  },
];
