import type { Db } from '../../database.ts';
import type { DuplicateRule, MatchingMethod, MatchingRule } from './rules.ts';

type Item = [field: string, method: MatchingMethod];

const matching = (
  sobject: string,
  name: string,
  { items, logic }: { items: Item[]; logic: string },
): MatchingRule => ({
  sobject,
  name,
  active: true,
  engine: 'FuzzyMatchEngine',
  items: items.map(([field, method]) => ({ field, method, matchBlanks: false })),
  logic,
});

/** Salesforce's own matching rules: what they compare, and which of it must be the same. */
const people = (company: string, street: string, prefix: string): { items: Item[]; logic: string } => ({
  items: [
    ['FirstName', 'FirstName'], ['LastName', 'LastName'], ['Title', 'Title'], [company, 'CompanyName'], ['Email', 'Exact'],
    ['Phone', 'Phone'], [street, 'Street'], [`${prefix}City`, 'City'], [`${prefix}PostalCode`, 'Zip'],
  ],
  logic: '1 AND 2 AND ((3 AND 4) OR 5 OR 6 OR (7 AND (8 OR 9 OR 3)))',
}); // prettier-ignore

const standardMatching: MatchingRule[] = [
  matching('Contact', 'Standard_Contact_Match_Rule_v1_1', people('Account.Name', 'MailingStreet', 'Mailing')),
  matching('Lead', 'Standard_Lead_Match_Rule_v1_0', people('Company', 'Street', '')),
  matching('Account', 'Standard_Account_Match_Rule_v1_0', {
    items: [
      ['Name', 'CompanyName'], ['BillingStreet', 'Street'], ['BillingCity', 'City'], ['BillingState', 'City'],
      ['BillingPostalCode', 'Zip'], ['Phone', 'Phone'], ['Website', 'Exact'],
    ],
    logic: '(1 AND (2 OR (3 AND 4) OR 5 OR 6)) OR (7 AND (6 OR 2))',
  }),
]; // prettier-ignore

/**
 * Salesforce's own duplicate rules warn, which refuses a save through the API unless it says `allowSave`. They rest until somebody
 * switches them on, as in an org whose administrator has not.
 */
const standardDuplicates: DuplicateRule[] = standardMatching.map(({ sobject, name }) => ({
  sobject,
  name: `Standard_${sobject}_Duplicate_Rule`,
  active: false,
  onInsert: 'alert',
  onUpdate: 'alert',
  message: 'Use one of these records?',
  matches: [{ sobject, rule: name, fields: {} }],
}));

/** Gives an org the standard rules that it lacks. */
export async function insertStandardRules(db: Db): Promise<void> {
  const rules = [
    ...standardMatching.map((rule) => ({ kind: 'matching', rule })),
    ...standardDuplicates.map((rule) => ({ kind: 'duplicate', rule })),
  ];
  for (const { kind, rule } of rules)
    await db.query(
      'insert into _rule (kind, sobject, name, definition) values ($1, $2, $3, $4) on conflict do nothing',
      [kind, rule.sobject, rule.name, JSON.stringify(rule)],
    );
}
