const german: Readonly<Record<string, string>> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  Ä: 'Ae',
  Ö: 'Oe',
  Ü: 'Ue',
};

/** The text in plain Latin letters: umlauts spelled out, accents dropped, everything that is left out of a-z a hyphen. */
export function slug(text: string): string {
  return text
    .replace(/[äöüßÄÖÜ]/g, (letter) => german[letter] ?? letter)
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/['’.]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** A word that may carry its romanization after a colon: what is written, and what addresses are made of. */
export function spelled(entry: string): { written: string; latin: string } {
  const [written = '', latin] = entry.split(':');
  return { written, latin: latin ?? slug(written) };
}
