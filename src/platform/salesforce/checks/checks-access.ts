import type { Finding, Needs } from './checks.ts';
import { integrationUserId, send } from '../wire/connection.ts';
import { SalesforceFailure, toFailure } from '../wire/errors.ts';
import { queryTogether, type Page } from '../wire/query.ts';

type Row = Record<string, unknown>;

/** Who we are in the org, what is assigned to that user, and whether anybody is staff. */
export async function accessArea({ permissionSet, staffPermissionSets }: Needs): Promise<Finding[]> {
  await send({ path: '/' });
  const me = integrationUserId();
  const staff = staffPermissionSets.map((name) => `'${name}'`).join(', ');
  const [organization, user, sets, held, holders] = await queryTogether([
    'SELECT Name, OrganizationType, IsSandbox, InstanceName FROM Organization',
    `SELECT Username, Name, IsActive, Profile.Name FROM User WHERE Id = '${me}'`,
    `SELECT Name, PermissionsApiEnabled FROM PermissionSet WHERE Name IN ('${permissionSet}', ${staff})`,
    `SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId = '${me}'`,
    `SELECT PermissionSet.Name, Assignee.IsActive FROM PermissionSetAssignment WHERE PermissionSet.Name IN (${staff})`,
  ]);
  const deployed = rowsOf(sets).map((row) => String(row.Name));
  return [
    org(first(organization)),
    person(first(user)),
    ...packageFindings(deployed, [permissionSet, ...staffPermissionSets]),
    assignment(rowsOf(held), { permissionSet, user: textOf(first(user), 'Username', me) }),
    staffFinding(rowsOf(holders), deployed.length > 0),
    await broadRights(),
  ].flat();
}

function rowsOf(page: Page | SalesforceFailure | undefined): Row[] {
  if (page instanceof SalesforceFailure) throw page;
  return page?.records ?? [];
}

const first = (page: Page | SalesforceFailure | undefined): Row | undefined => rowsOf(page)[0];

function textOf(row: Row | undefined, name: string, otherwise = '–'): string {
  const value = row?.[name];
  return typeof value === 'string' ? value : otherwise;
}

function org(row: Row | undefined): Finding {
  const values = {
    name: textOf(row, 'Name'),
    edition: textOf(row, 'OrganizationType'),
    instance: textOf(row, 'InstanceName'),
  };
  return { level: 'ok', key: row?.IsSandbox === true ? 'org.sandbox' : 'org.production', values };
}

function person(row: Row | undefined): Finding {
  const values = {
    username: textOf(row, 'Username'),
    name: textOf(row, 'Name'),
    profile: textOf(row, 'Profile.Name'),
  };
  return values.profile === 'System Administrator'
    ? { level: 'warning', key: 'userIsAdmin', values }
    : { level: 'ok', key: 'user', values };
}

function packageFindings(deployed: string[], needed: string[]): Finding[] {
  const missing = needed.filter((name) => !deployed.includes(name));
  return missing.length === 0
    ? [{ level: 'ok', key: 'permissionSets', values: { count: needed.length } }]
    : [{ level: 'failure', key: 'permissionSetsMissing', values: { names: missing.join(', ') } }];
}

function assignment(held: Row[], { permissionSet, user }: { permissionSet: string; user: string }): Finding {
  const isHeld = held.some((row) => row['PermissionSet.Name'] === permissionSet);
  return {
    level: isHeld ? 'ok' : 'failure',
    key: isHeld ? 'assigned' : 'notAssigned',
    values: { permissionSet, user },
  };
}

function staffFinding(holders: Row[], isDeployed: boolean): Finding[] {
  if (!isDeployed) return [];
  const active = holders.filter((row) => row['Assignee.IsActive'] === true);
  return [
    active.length > 0
      ? { level: 'ok', key: 'staff', values: { count: active.length } }
      : { level: 'warning', key: 'noStaff', values: {} },
  ];
}

/** Rights over all data that the integration does not need. */
async function broadRights(): Promise<Finding[]> {
  try {
    const { body } = await send<{ records: Row[] }>({
      path: `/query?q=${encodeURIComponent(`SELECT PermissionSet.Label, PermissionSet.PermissionsModifyAllData FROM PermissionSetAssignment WHERE AssigneeId = '${integrationUserId()}' AND PermissionSet.PermissionsModifyAllData = true AND PermissionSet.IsOwnedByProfile = false`)}`,
    });
    return body.records.length === 0 ? [] : [{ level: 'warning', key: 'modifyAll', values: {} }];
  } catch (error) {
    if (toFailure(error).kind === 'auth') throw error;
    return [];
  }
}
