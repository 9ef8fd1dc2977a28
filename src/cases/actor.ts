import type { AccountViewer, Viewer } from '../access/viewer.ts';
import { Forbidden } from '../platform/errors.ts';

/** Who acts on a case here: people of its account. Support works on it in Salesforce. @throws Forbidden */
export function actorOf(viewer: Viewer): AccountViewer {
  if (viewer.kind === 'customer' || viewer.kind === 'partner') return viewer;
  throw new Forbidden();
}
