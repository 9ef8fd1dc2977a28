import type { Built, Problem } from './content.ts';
import type { MessageContent, Variant } from './document.ts';
import { liquidFor } from './liquid.ts';
import { pathsOf } from './slots.ts';

/** Makes of what an author wrote what can be sent: HTML and text with merge fields in them, escaped by where they stand. */
export async function build(content: MessageContent): Promise<{ built: Built; problems: Problem[] }> {
  const parts = content.variants.map(buildPart);
  const paths = parts.flatMap(({ locale, subject, html, text }) =>
    [subject, html, text].flatMap((source) => pathsOf(liquidFor(locale), source)),
  );
  const fields = [...new Set(paths.map((path) => path.join('.')))];
  return await Promise.resolve({ built: { parts, fields }, problems: [] });
}

function buildPart({ locale, variant, subject, body, text }: Variant) {
  const escaped = (source: string, place: string) =>
    source.replaceAll(/\{\{([^{}]*)\}\}/g, `{{$1| as_${place} }}`);
  return {
    locale,
    variant,
    subject: escaped(subject, 'header'),
    html: escaped(body, 'text'),
    text: escaped(text ?? '', 'plain'),
    links: [],
  };
}
