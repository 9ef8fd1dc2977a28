import { asset } from './assets.ts';
import { drawingOf, iconsInSprite } from './icon-sprite.ts';

const drawn = new Map<string, string>();
const sprite = asset('/assets/icons.svg');

/**
 * A Bootstrap icon, coloured and sized by the text around it. It is decoration: the words beside it say the same, so assistive
 * technology is told to pass it over.
 */
export function icon(name: string): string {
  const known = drawn.get(name);
  if (known !== undefined) return known;
  const svg = iconsInSprite.has(name) ? pointingTo(name) : inline(name);
  drawn.set(name, svg);
  return svg;
}

const pointingTo = (name: string): string =>
  `<svg class="icon" aria-hidden="true"><use href="${sprite}#${name}"/></svg>`;

function inline(name: string): string {
  const { viewBox, shapes } = drawingOf(name);
  return `<svg class="icon" aria-hidden="true" viewBox="${viewBox}">${shapes}</svg>`;
}
