import { Liquid } from 'liquidjs';

/** The whole mail by liquidjs, parsed once and rendered for each recipient, with everything escaped by the library: what most senders do. */
export function wholeMail(template: string): (scope: object) => string {
  const engine = new Liquid({ outputEscape: 'escape', ownPropertyOnly: true });
  const parsed = engine.parse(template);
  return (scope) => String(engine.renderSync(parsed, scope));
}
