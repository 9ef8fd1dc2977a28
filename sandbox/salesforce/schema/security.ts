import type { Pool } from '../../database.ts';
import type { OrgUser } from '../context.ts';
import type { Field, SObject } from './catalog.ts';

/** What may be done with the records of an object. */
export type ObjectRight = 'read' | 'create' | 'edit' | 'delete';

/** Field-level and object security: what each user may read and write, from permission sets and the profile. */
export interface Security {
  mayRead: (user: OrgUser, sobject: SObject, field: Field) => boolean;
  mayEdit: (user: OrgUser, sobject: SObject, field: Field) => boolean;
  may: (user: OrgUser, right: ObjectRight, sobject: SObject) => boolean;
  /** Reads the grants anew: after FieldPermissions or ObjectPermissions changed. */
  reload: () => Promise<void>;
}

interface Grant {
  read: boolean;
  edit: boolean;
  create: boolean;
  delete: boolean;
}

/** Grants by permission set, then by `Account` or `Account.Rapport_Id__c` in lower case. */
type Grants = Map<string, Map<string, Grant>>;

/** What only administrators change: people, and what they may do. */
const setup = new Set([
  'FieldPermissions', 'Group', 'GroupMember', 'ObjectPermissions', 'Organization', 'PermissionSet',
  'PermissionSetAssignment', 'Profile', 'QueueSobject', 'RecordType', 'User', 'UserRole',
]); // prettier-ignore

/**
 * System Administrators see and edit everything. Everyone else gets the standard objects and fields from the profile, and
 * custom ones only by a permission set that grants them.
 */
export function createSecurity(pool: Pool): Security {
  let grants: Grants = new Map();
  const granted = (user: OrgUser, key: string, right: ObjectRight) =>
    user.permissionSetIds.some((id) => grants.get(id)?.get(key.toLowerCase())?.[right]);
  const allows = (user: OrgUser, sobject: SObject, field: Field, right: ObjectRight) =>
    user.isAdmin || !field.custom || granted(user, `${sobject.name}.${field.name}`, right);
  return {
    mayRead: (user, sobject, field) => allows(user, sobject, field, 'read'),
    mayEdit: (user, sobject, field) => allows(user, sobject, field, 'edit'),
    may: (user, right, sobject) => {
      if (user.isAdmin) return true;
      if (sobject.custom) return granted(user, sobject.name, right);
      return right === 'read' || !setup.has(sobject.name);
    },
    reload: async () => {
      grants = await readGrants(pool);
    },
  };
}

async function readGrants(pool: Pool): Promise<Grants> {
  const { rows } = await pool.query<Grant & { parent: string; key: string }>(
    `select "ParentId" as parent, lower("Field") as key, "PermissionsRead" as read, "PermissionsEdit" as edit,
            false as create, false as delete
       from "FieldPermissions"
      union all
     select "ParentId", lower("SobjectType"), "PermissionsRead", "PermissionsEdit", "PermissionsCreate", "PermissionsDelete"
       from "ObjectPermissions"`,
  );
  const grants: Grants = new Map();
  for (const row of rows) {
    const keys = grants.get(row.parent) ?? new Map<string, Grant>();
    grants.set(row.parent, keys.set(row.key, row));
  }
  return grants;
}
