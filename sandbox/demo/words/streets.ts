import type { Random } from '../random.ts';

const words = (text: string) => text.trim().split(/\s*\|\s*/);

const streets: Readonly<Record<string, { pattern: string; names: readonly string[] }>> = {
  en: {
    pattern: '{number} {name}',
    names:
      words(`Market Street | Mill Lane | Harbor Road | Station Road | Oak Avenue | Church Street | Commerce Drive | Park Road
      | Victoria Street | Wharf Street | Enterprise Way | King Street | Cedar Avenue | River Road | College Avenue | Industrial Parkway
      | Queen Street | Foundry Lane | Canal Street | Hillside Drive | Innovation Way | Bridge Street | Meadow Lane | Union Street`),
  },
  de: {
    pattern: '{name} {number}',
    names:
      words(`Hauptstraße | Bahnhofstraße | Gartenweg | Industriestraße | Am Hafen | Lindenallee | Schillerstraße | Mühlenweg
      | Goethestraße | Marktplatz | Kirchgasse | Werkstraße | Ringstraße | Gewerbepark Nord | Kaiserstraße | Am Stadtgraben
      | Rosenweg | Lessingstraße | Fabrikstraße | Uferstraße`),
  },
  es: {
    pattern: '{name}, {number}',
    names:
      words(`Calle Mayor | Calle de Alcalá | Avenida de la Constitución | Paseo del Puerto | Calle Real | Avenida del Mar
      | Polígono Industrial Norte | Calle San Antonio | Avenida de Europa | Calle del Carmen | Plaza Nueva | Calle Cervantes
      | Avenida Juárez | Calle Hidalgo | Paseo de la Reforma | Calle Colón`),
  },
  fr: {
    pattern: '{number} {name}',
    names:
      words(`rue de la République | avenue Victor-Hugo | rue des Écoles | boulevard Gambetta | rue du Port | allée des Tilleuls
      | rue Pasteur | place de la Gare | rue de l'Industrie | quai des Marchands | avenue Jean-Jaurès | rue du Moulin
      | rue Nationale | chemin des Vignes | zone d'activité des Ormes`),
  },
  it: {
    pattern: '{name} {number}',
    names:
      words(`Via Roma | Via Garibaldi | Corso Italia | Via Mazzini | Via dell'Industria | Viale della Stazione | Via Dante
      | Piazza San Marco | Via Verdi | Via del Porto | Corso Matteotti | Via Manzoni | Viale Europa | Via dei Mille`),
  },
  ja: {
    pattern: '{name}{number}丁目{other}番{third}号',
    names: words(
      `本町 | 栄町 | 中央 | 大手町 | 港 | 緑町 | 旭町 | 東 | 錦 | 桜木町 | 西 | 丸の内 | 新町 | 博多駅前`,
    ),
  },
  pt: {
    pattern: '{name}, {number}',
    names:
      words(`Rua das Flores | Avenida da Liberdade | Rua do Comércio | Avenida Paulista | Rua Augusta | Rua do Porto
      | Avenida Brasil | Rua das Indústrias | Rua da Boavista | Praça da República | Rua XV de Novembro | Avenida Atlântica`),
  },
};

/** A street with a number, written as that language writes it. */
export function streetIn(language: string, random: Random): string {
  const { pattern, names } = streets[language] ?? { pattern: '{number} {name}', names: ['Market Street'] };
  const numbers = {
    number: random.int(1, language === 'ja' ? 5 : 180),
    other: random.int(1, 20),
    third: random.int(1, 15),
  };
  return pattern.replace(/\{(\w+)\}/g, (_, part: string) =>
    part === 'name' ? random.pick(names) : String(numbers[part as keyof typeof numbers]),
  );
}
