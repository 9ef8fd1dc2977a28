import type { OrgUser } from '../context.ts';
import type { Field, SObject } from './catalog.ts';

/** Field-level security: what each user may read and write, from permission sets and the profile. */
export interface Security {
  mayRead: (user: OrgUser, sobject: SObject, field: Field) => boolean;
  mayEdit: (user: OrgUser, sobject: SObject, field: Field) => boolean;
  /** Reads the grants anew: after FieldPermissions or ObjectPermissions changed. */
  reload: () => Promise<void>;
}
