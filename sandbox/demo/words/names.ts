import { faker as german } from '@faker-js/faker/locale/de';
import { faker as spanish } from '@faker-js/faker/locale/es';
import { faker as mexican } from '@faker-js/faker/locale/es_MX';
import { faker as french } from '@faker-js/faker/locale/fr';
import { faker as italian } from '@faker-js/faker/locale/it';
import { faker as brazilian } from '@faker-js/faker/locale/pt_BR';
import { faker as portuguese } from '@faker-js/faker/locale/pt_PT';

import { englishNames } from './english-names.ts';
import { japaneseNames } from './japanese-names.ts';

/** The names that people of one country have. */
export interface Names {
  female: readonly string[];
  male: readonly string[];
  last: readonly string[];
}

/** A faker definition: words for everyone, or apart for women and men. */
type Definition = Partial<Record<'female' | 'generic' | 'male', readonly string[]>> | readonly string[];

const listOf = (definition: Definition | undefined, kind: 'female' | 'generic' | 'male'): readonly string[] =>
  (Array.isArray(definition)
    ? (definition as readonly string[])
    : (definition as Record<string, string[]>)[kind]) ?? [];

function namesOf(faker: typeof german): Names {
  const person = faker.rawDefinitions.person;
  return {
    female: listOf(person?.first_name as Definition, 'female'),
    male: listOf(person?.first_name as Definition, 'male'),
    last: listOf(person?.last_name as Definition, 'generic').filter((name) => !/ [a-z]/.test(name)),
  };
}

const words = (text: string) => text.trim().split(/\s+/);

/** Faker's French and Italian given names are a calendar of saints: these are the ones people have. */
const frenchGiven = {
  female:
    words(`Amandine Anne Audrey Aurélie Béatrice Camille Caroline Catherine Céline Charlotte Chloé Claire Delphine
    Élodie Émilie Fabienne Florence Hélène Inès Isabelle Jeanne Julie Juliette Laure Léa Lucie Manon Marie Marion Mathilde
    Nathalie Nadia Pauline Sabrina Sandrine Sarah Sophie Stéphanie Sylvie Valérie Véronique Virginie`),
  male: words(`Adrien Alain Alexandre Antoine Arnaud Baptiste Benoît Bruno Cédric Christophe Clément Damien David Denis
    Didier Éric Étienne Fabien Florian François Frédéric Gilles Grégory Guillaume Hugo Jérôme Julien Karim Laurent Loïc
    Louis Luc Marc Mathieu Maxime Mehdi Nicolas Olivier Pascal Philippe Pierre Quentin Romain Sébastien Thierry Thomas
    Vincent Xavier Yann`),
};
const italianGiven = {
  female:
    words(`Alessandra Alessia Alice Anna Arianna Barbara Beatrice Camilla Carla Caterina Chiara Claudia Cristina
    Daniela Elena Eleonora Elisa Federica Francesca Gaia Giada Giorgia Giulia Ilaria Irene Laura Lucia Marta Martina
    Michela Monica Nicoletta Paola Roberta Sara Serena Silvia Simona Sofia Stefania Valentina Vittoria`),
  male: words(`Alberto Alessandro Alessio Andrea Angelo Antonio Carlo Claudio Daniele Dario Davide Diego Edoardo Emanuele
    Enrico Fabio Federico Filippo Francesco Gabriele Giacomo Gianluca Giorgio Giovanni Giulio Giuseppe Lorenzo Luca Luigi
    Marco Massimo Matteo Mattia Maurizio Michele Nicola Paolo Pietro Riccardo Roberto Salvatore Simone Stefano Tommaso
    Valerio Vincenzo`),
};

const brazil = namesOf(brazilian);
const byCountry: Readonly<Record<string, Names>> = {
  Germany: namesOf(german),
  Austria: namesOf(german),
  Switzerland: namesOf(german),
  France: { ...namesOf(french), ...frenchGiven },
  Belgium: { ...namesOf(french), ...frenchGiven },
  Italy: { ...namesOf(italian), ...italianGiven },
  Spain: namesOf(spanish),
  Portugal: namesOf(portuguese),
  Brazil: { ...brazil, last: [...brazil.last, ...namesOf(portuguese).last] },
  Japan: japaneseNames,
  Mexico: namesOf(mexican),
  Colombia: namesOf(mexican),
  Chile: namesOf(mexican),
};

/** How people of that country are called; as in English where nothing else is known. */
export const namesIn = (country: string): Names => byCountry[country] ?? englishNames;
