import type { Org, OrgUser } from '../context.ts';
import type { Client } from './clients.ts';

/** Whether a user is among those whom the org's administrator lets into an app: by a permission set or by the profile. */
export async function isAdmitted({ pool }: Org, user: OrgUser, { policies }: Client): Promise<boolean> {
  if (!policies?.admitted) return true;
  const { permissionSets, profiles } = policies.admitted;
  const { rowCount } = await pool.query(
    `select 1 from "PermissionSetAssignment" a join "PermissionSet" s on s."Id" = a."PermissionSetId"
      where a."AssigneeId" = $1 and s."Name" = any($2)
     union all select 1 from "Profile" where "Id" = $3 and "Name" = any($4)`,
    [user.id, permissionSets, user.profileId, profiles],
  );
  return (rowCount ?? 0) > 0;
}

/** Whether a user has agreed before that an app may act for them. */
export async function hasAgreedOnce({ pool }: Org, user: OrgUser, client: Client): Promise<boolean> {
  const { rowCount } = await pool.query('select 1 from _consent where user_id = $1 and client_id = $2', [
    user.id,
    client.id,
  ]);
  return (rowCount ?? 0) > 0;
}
