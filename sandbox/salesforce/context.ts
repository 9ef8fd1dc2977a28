import type { Request } from 'express';
import type { Clock } from '../clock.ts';
import type { Db, Pool } from '../database.ts';
import type { Events } from './events/events.ts';
import type { ApiLimits } from './limits.ts';
import type { Catalog } from './schema/catalog.ts';
import type { Rules } from './schema/rules.ts';
import type { Security } from './schema/security.ts';
import type { Locators } from './soql/locators.ts';
import type { Trouble } from './trouble.ts';

/** One Salesforce org: its database, its schema and its clock. A process may hold several. */
export interface Org {
  /** 18 characters, `00D…`. */
  id: string;
  pool: Pool;
  catalog: Catalog;
  security: Security;
  rules: Rules;
  clock: Clock;
  limits: ApiLimits;
  locators: Locators;
  events: Events;
  /** What the control plane makes go wrong. */
  trouble: Trouble;
  /** Ends its connections. */
  close: () => Promise<void>;
}

/** A row of User, as far as access depends on it. */
export interface OrgUser {
  id: string;
  username: string;
  name: string;
  email: string;
  profileId: string;
  /** Of the profile System Administrator: sees and edits every field. */
  isAdmin: boolean;
  permissionSetIds: string[];
  /** `America/New_York`: where their day begins. */
  timeZone: string;
}

/** Names of APIs in the origin of a change. */
export type Api = 'rest' | 'soap' | 'bulkapi' | 'toolingrest';

/** Who asks, on whose behalf, and over which connection: every verb takes it first. */
export interface Context {
  org: Org;
  /** The pool, or the transaction of a composite request. */
  db: Db;
  user: OrgUser;
  /** 60 for `/services/data/v60.0`. */
  apiVersion: number;
  /** Over which API, as change events name it; undefined for the org's own pages. */
  api?: Api;
  /** `client` of Sforce-Call-Options; empty without it. */
  client: string;
  /** `http://127.0.0.1:3001`: what absolute URLs start with. */
  origin: string;
  /** Request headers by lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const contexts = new WeakMap<object, Context>();

/** Set once by the session middleware. */
export function setContext(request: Request, context: Context): void {
  contexts.set(request, context);
}

/** @throws Error when no session middleware ran before. */
export function contextOf(request: Request): Context {
  const context = contexts.get(request);
  if (!context) throw new Error(`no session was looked for on ${request.path}`);
  return context;
}

/** The user of an id, with what was assigned to them; undefined when there is none or they are inactive. */
export async function maybeActiveUser(org: Org, userId: string): Promise<OrgUser | undefined> {
  const { rows } = await org.pool.query<OrgUser>(
    `select u."Id" as id, u."Username" as username, u."Name" as name, u."Email" as email,
            u."ProfileId" as "profileId", coalesce(p."Name" = 'System Administrator', false) as "isAdmin",
            coalesce(u."TimeZoneSidKey", 'GMT') as "timeZone",
            array(select a."PermissionSetId" from "PermissionSetAssignment" a
                   where a."AssigneeId" = u."Id") as "permissionSetIds"
       from "User" u left join "Profile" p on p."Id" = u."ProfileId"
      where u."Id" = $1 and u."IsActive"`,
    [userId],
  );
  return rows[0];
}
