import type { Context } from '../salesforce/context.ts';
import { runQuery } from '../salesforce/soql/query.ts';
import { literal } from './reading.ts';
import { isReadable, type RecordJson } from './values.ts';

/** What Rapport has written about an account, for whoever looks at it in Salesforce. */
export interface HealthPanel {
  rank: 'Average' | 'Good' | 'Poor' | undefined;
  score: number | undefined;
  /** The heaviest first. */
  reasons: string[];
  computedAt: string | undefined;
  profileUrl: string | undefined;
  insights: {
    id: string;
    headline: string;
    body: string;
    rank: string;
    score: number | undefined;
    at: string;
    url: string | undefined;
  }[];
}

const fields = [
  'Rapport_Health_Rank__c',
  'Rapport_Health_Score__c',
  'Rapport_Health_Reasons__c',
  'Rapport_Health_At__c',
  'Rapport_Profile_URL__c',
];

/** The panel of an account; undefined for users who may not see health, and before the package is deployed. */
export async function maybeHealthPanel(ctx: Context, accountId: string): Promise<HealthPanel | undefined> {
  const account = ctx.org.catalog.find('Account');
  if (!account || !fields.every((name) => isReadable(ctx, account, name))) return undefined;
  const { records } = await runQuery(ctx, `SELECT ${fields.join(', ')} FROM Account WHERE Id = ${literal(accountId)}`);
  const record = records[0] ?? {};
  return {
    rank: rankOf(record.Rapport_Health_Rank__c),
    score: maybeNumber(record.Rapport_Health_Score__c),
    reasons: (maybeText(record.Rapport_Health_Reasons__c) ?? '').split('\n').map((line) => line.replace(/^[-•]\s*/, '').trim()).filter(Boolean),
    computedAt: maybeText(record.Rapport_Health_At__c),
    profileUrl: maybeLink(record.Rapport_Profile_URL__c),
    insights: await readInsights(ctx, accountId),
  };
} // prettier-ignore

async function readInsights(ctx: Context, accountId: string): Promise<HealthPanel['insights']> {
  const insight = ctx.org.catalog.find('Rapport_Insight__c');
  if (!insight || !ctx.org.security.may(ctx.user, 'read', insight)) return [];
  const { records } = await runQuery(
    ctx,
    `SELECT Id, Rapport_Headline__c, Rapport_Body__c, Rapport_Rank__c, Rapport_Score__c, Rapport_Occurred_At__c, Rapport_URL__c, CreatedDate
       FROM Rapport_Insight__c WHERE Rapport_Account__c = ${literal(accountId)} ORDER BY Rapport_Occurred_At__c DESC NULLS LAST, Id DESC LIMIT 6`,
  );
  return records.map((record) => ({
    id: String(record.Id),
    headline: maybeText(record.Rapport_Headline__c) ?? 'Insight',
    body: maybeText(record.Rapport_Body__c) ?? '',
    rank: maybeText(record.Rapport_Rank__c) ?? '',
    score: maybeNumber(record.Rapport_Score__c),
    at: maybeText(record.Rapport_Occurred_At__c) ?? String(record.CreatedDate),
    url: maybeLink(record.Rapport_URL__c),
  }));
}

const ranks = ['Good', 'Average', 'Poor'] as const;
const rankOf = (value: unknown) => ranks.find((rank) => rank === value);
const maybeNumber = (value: unknown) => (typeof value === 'number' ? value : undefined);
const maybeText = (value: RecordJson[string]) =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A link that a browser may follow; anything but http is left out. */
function maybeLink(value: unknown): string | undefined {
  const text = maybeText(value);
  return text !== undefined && /^https?:\/\//.test(text) ? text : undefined;
}
