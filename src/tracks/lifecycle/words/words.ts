import type { Locale } from '../../../platform/locale.ts';

import { de } from './de.ts';
import { en, enGB } from './en.ts';
import { es } from './es.ts';
import { es419 } from './es-419.ts';
import { fr } from './fr.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { pt } from './pt.ts';

/** The messages of the lifecycle cases. */
export type MessageCode =
  | 'case-study' | 'next-step' | 'congratulations' | 'roll-out' | 'share-video' | 'pricing' | 'extension' | 'intro-video' | 'best-practices'
  | 'benefits' | 'welcome-back' | 'expansion-module' | 'expansion' | 'new-product' | 'module-benefits' | 'tips-and-tricks' | 'welcome'
  | 'welcome-follow-up' | 'set-up-begin' | 'set-up-middle' | 'set-up-end' | 'power-tips' | 'check-in'; // prettier-ignore

/** What a message says. In it stand merge fields, and `[[module]]` and the like for what is set when a track is made. */
export interface MessageWords {
  subject: string;
  preheader: string;
  title: string;
  /** Paragraphs before the points. */
  text: readonly string[];
  points?: readonly string[];
  /** On the button; a message without one is a letter. */
  button?: string;
  after?: string;
}

/** A language: what all messages share, and each of them. */
export interface LifecycleWords {
  kicker: string;
  hello: string;
  greeting: string;
  team: string;
  messages: Readonly<Record<MessageCode, MessageWords>>;
}

export const lifecycleWords: Readonly<Record<Locale, LifecycleWords>> = {
  en,
  'en-GB': enGB,
  'en-AU': enGB,
  de,
  es,
  'es-419': es419,
  fr,
  it,
  ja,
  pt,
};
