import type { Write } from '../platform/salesforce/outbox/outbox.ts';

import type { Newcomer } from './matching.ts';

/** Somebody signed up whom no contact's address fits: Sales hears of them as a lead (SP1). */
export function leadOf(signUpId: string, { email, name, company }: Newcomer): Write {
  const { firstName, lastName } = namesOf(name);
  return {
    sobject: 'Lead',
    operation: 'upsert',
    rapportId: signUpId,
    feature: 'sign-up',
    fields: {
      FirstName: firstName,
      LastName: lastName,
      Company: company,
      Email: email,
      LeadSource: 'Web',
      Description: 'Signed up for the portal; no contact has this e-mail address.',
    },
  };
}

/** A person changed their mailbox: their contact follows, unless somebody in Salesforce has changed its address meanwhile. */
export function contactEmailOf(
  contact: { id: string; email: string },
  email: string,
  actor: { personId: string; name: string },
): Write {
  return {
    sobject: 'Contact',
    operation: 'update',
    salesforceId: contact.id,
    feature: 'account',
    fields: { Email: email },
    base: { Email: contact.email },
    actor,
  };
}

/* Salesforce wants a last name and takes 40 and 80 characters; a single name is the last. */
function namesOf(name: string): { firstName: string | null; lastName: string } {
  const words = name.trim().split(/\s+/);
  const lastName = (words.pop() ?? name).slice(0, 80);
  return { firstName: words.join(' ').slice(0, 40) || null, lastName };
}
