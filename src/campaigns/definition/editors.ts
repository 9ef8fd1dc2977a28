import { hasRole, type StaffViewer, type Viewer } from '../../access/viewer.ts';
import { Forbidden } from '../../platform/errors.ts';

/** Whether somebody may write, approve and activate campaigns; every other one of the staff reads them. */
export const mayEditCampaigns = (viewer: Viewer): viewer is StaffViewer => hasRole(viewer, 'csm', 'admin');

/** @throws Forbidden for whoever may not write, approve or activate campaigns */
export function editorOf(viewer: Viewer): StaffViewer {
  if (!mayEditCampaigns(viewer)) throw new Forbidden();
  return viewer;
}
