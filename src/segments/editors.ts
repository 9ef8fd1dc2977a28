import { hasRole, type StaffViewer, type Viewer } from '../access/viewer.ts';
import { Forbidden } from '../platform/errors.ts';

/** Whether somebody may change lists, tags and risk levels; every other one of the staff reads them. */
export const mayEdit = (viewer: Viewer): viewer is StaffViewer => hasRole(viewer, 'csm', 'admin');

/** @throws Forbidden for whoever may not change lists, tags and risk levels */
export function editorOf(viewer: Viewer): StaffViewer {
  if (!mayEdit(viewer)) throw new Forbidden();
  return viewer;
}
