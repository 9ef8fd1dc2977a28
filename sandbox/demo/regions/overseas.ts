import { cities, type Country } from './region.ts';

export const overseas: readonly Country[] = [
  {
    name: 'Japan',
    locale: 'ja',
    territory: 'APAC',
    timeZone: 'Asia/Tokyo',
    share: 7,
    subsidiary: 'ジャパン株式会社',
    cities: cities(`
      千代田区   | 東京都 | 100-00## | +81 3-5550-0###
      港区       | 東京都 | 105-00## | +81 3-5551-0###
      大阪市北区 | 大阪府 | 530-00## | +81 6-5550-0###
      名古屋市中区 | 愛知県 | 460-00## | +81 52-555-0###
      横浜市西区 | 神奈川県 | 220-00## | +81 45-555-0###
      福岡市博多区 | 福岡県 | 812-00## | +81 92-555-0###
      札幌市中央区 | 北海道 | 060-00## | +81 11-555-0###
      仙台市青葉区 | 宮城県 | 980-08## | +81 22-555-0###
    `),
  },
  {
    name: 'Mexico',
    locale: 'es-419',
    territory: 'Iberia & LatAm',
    timeZone: 'America/Mexico_City',
    share: 4,
    subsidiary: 'México S.A. de C.V.',
    cities: cities(`
      Ciudad de México | CDMX       | 06### | +52 55 5550 0###
      Monterrey        | Nuevo León | 64### | +52 81 5550 0###
      Guadalajara      | Jalisco    | 44### | +52 33 5550 0###
      Puebla           | Puebla     | 72### | +52 222 555 0###
      Querétaro        | Querétaro  | 76### | +52 442 555 0###
    `),
  },
  {
    name: 'Colombia',
    locale: 'es-419',
    territory: 'Iberia & LatAm',
    timeZone: 'America/Bogota',
    share: 1.5,
    subsidiary: 'Colombia S.A.S.',
    cities: cities(`
      Bogotá   | Bogotá D.C. | 110### | +57 601 555 0###
      Medellín | Antioquia   | 050### | +57 604 555 0###
    `),
  },
  {
    name: 'Chile',
    locale: 'es-419',
    territory: 'Iberia & LatAm',
    timeZone: 'America/Santiago',
    share: 1,
    subsidiary: 'Chile SpA',
    cities: cities(`
      Santiago   | Región Metropolitana | 83##### | +56 2 5550 0###
      Concepción | Biobío               | 40##### | +56 41 555 0###
    `),
  },
  {
    name: 'Brazil',
    locale: 'pt',
    territory: 'Iberia & LatAm',
    timeZone: 'America/Sao_Paulo',
    share: 4,
    subsidiary: 'Brasil Ltda.',
    cities: cities(`
      São Paulo      | SP | 01###-### | +55 11 5555-0###
      Curitiba       | PR | 80###-### | +55 41 5555-0###
      Porto Alegre   | RS | 90###-### | +55 51 5555-0###
      Belo Horizonte | MG | 30###-### | +55 31 5555-0###
      Recife         | PE | 50###-### | +55 81 5555-0###
    `),
  },
];
