import type { Generated } from 'kysely';

declare module '../platform/db.ts' {
  interface Tables {
    people: {
      id: Generated<string>;
      email: string;
      name: string;
      locale: Generated<string>;
      time_zone: Generated<string>;
      user_id: string | null;
      chosen_account_id: string | null;
      is_admin: Generated<boolean>;
      is_demo: Generated<boolean>;
      created_at: Date;
    };
    person_contacts: {
      person_id: string;
      contact_id: string;
      matched_email: string;
      settled_by: string | null;
      linked_at: Date;
    };
    memberships: { person_id: string; account_id: string; contact_id: string; case_scope: 'own' | 'account' };
  }
}
