import type { Locale } from '../platform/locale.ts';

/* What filters and readers take for advertising of the worse kind. Whole words, in lower case. */
const words: Partial<Record<Locale, readonly string[]>> = {
  en: [
    'act now', 'buy now', 'click here', 'limited time', '100% free', 'risk free', 'risk-free', 'no obligation', 'order now', 'cash bonus',
    'earn money', 'extra income', 'free gift', 'free money', 'guaranteed', 'winner', 'you have been selected', 'urgent', 'last chance',
    'lowest price', 'miracle', 'this is not spam', 'dear friend', 'make money', 'double your', 'once in a lifetime',
  ],
  de: ['jetzt kaufen', 'hier klicken', 'nur heute', '100% kostenlos', 'ohne risiko', 'gratis geschenk', 'gewinner', 'garantiert', 'dringend', 'letzte chance', 'bargeld', 'geld verdienen'],
  es: ['compra ahora', 'haz clic aquí', 'haga clic aquí', 'sin riesgo', '100% gratis', 'regalo gratis', 'ganador', 'garantizado', 'urgente', 'última oportunidad', 'gana dinero', 'dinero extra'],
  fr: ['achetez maintenant', 'cliquez ici', 'sans risque', '100% gratuit', 'cadeau gratuit', 'gagnant', 'garanti', 'urgent', 'dernière chance', 'gagnez de l’argent', "gagnez de l'argent"],
  it: ['compra ora', 'clicca qui', 'senza rischi', '100% gratis', 'regalo gratuito', 'vincitore', 'garantito', 'urgente', 'ultima occasione', 'guadagna soldi'],
  pt: ['compre agora', 'clique aqui', 'sem risco', '100% grátis', 'presente grátis', 'vencedor', 'garantido', 'urgente', 'última chance', 'ganhe dinheiro'],
  ja: ['今すぐ購入', 'ここをクリック', '完全無料', '当選', '緊急', '絶対儲かる', '最後のチャンス'],
}; // prettier-ignore

/** The words of a text that read as spam, in its language or in English. */
export function spamWordsIn(text: string, locale: Locale): string[] {
  const language = (locale.split('-')[0] ?? 'en') as Locale;
  const lower = ` ${text.toLowerCase().replaceAll(/\s+/g, ' ')} `;
  const wanted = [...(words[language] ?? []), ...(language === 'en' ? [] : (words.en ?? []))];
  return [...new Set(wanted)].filter((word) =>
    language === 'ja' && !/^[\x20-\x7f]+$/.test(word)
      ? lower.includes(word)
      : new RegExp(
          `(?<![\\p{L}\\p{N}])${word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`,
          'u',
        ).test(lower),
  );
}
