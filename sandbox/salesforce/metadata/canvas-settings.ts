import { asList, asText } from '../soap/envelope.ts';

import type { Component } from './archive.ts';

const places = [
  'None', 'Chatter', 'UserProfile', 'Visualforce', 'Aura', 'Publisher', 'ChatterFeed', 'ServiceDesk', 'OpenCTI', 'AppLauncher',
  'MobileNav', 'PageLayout',
]; // prettier-ignore

/** What Salesforce would say against the Canvas settings of an External Client App. */
export function canvasProblem({ metadata = {} }: Component): string | undefined {
  const missing = ['externalClientApplication', 'accessMethod', 'canvasUrl'].find(
    (name) => asText(metadata[name]) === undefined,
  );
  if (missing !== undefined) return `Required field is missing: ${missing}`;
  const method = asText(metadata.accessMethod) ?? '';
  if (!['Get', 'Post'].includes(method))
    return `'${method}' is not a valid value for the enum 'AccessMethod'`;
  const place = placesOf(metadata).find((each) => !places.includes(each));
  if (place !== undefined) return `'${place}' is not a valid value for the enum 'CanvasLocationOptions'`;
  return isServable(asText(metadata.canvasUrl) ?? '')
    ? undefined
    : 'Canvas App URL: the URL must start with https, or with http and name this machine';
}

/** Where in Salesforce the app may appear. */
export const placesOf = (metadata: Record<string, unknown>): string[] =>
  asList(metadata.canvasLocationOptions).flatMap((each) => asText(each) ?? []);

const isServable = (url: string): boolean =>
  URL.canParse(url) && /^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$))/.test(url);
