import { mirrored, moment, text } from '../platform/salesforce/mirror/mapping.ts';
import type { Value, Write } from '../platform/salesforce/outbox/outbox.ts';

import './tables.ts';

import type { Answer } from './answers.ts';
import type { HealthToTell, Insight } from './insights.ts';

/** The insights' own records, for what people did with them: the rest of them Rapport knows already. */
export const insightObjects = [
  mirrored('Rapport_Insight__c', 'insight_records', {
    where: 'Rapport_Id__c != null',
    ownFields: [
      'Rapport_Kind__c',
      'Rapport_Headline__c',
      'Rapport_Body__c',
      'Rapport_Rank__c',
      'Rapport_Score__c',
      'Rapport_Occurred_At__c',
      'Rapport_URL__c',
    ],
    columns: {
      rapport_id: text('Rapport_Id__c'),
      account_id: text('Rapport_Account__c'),
      handled: text('Rapport_Handled__c'),
      feedback: text('Rapport_Feedback__c'),
      created_at: moment('CreatedDate'),
    },
  }),
];

const rankValues = { good: 'Good', average: 'Average', poor: 'Poor' } as const;

/** What a person said to an insight, in the words of the picklist on its record. */
export const handledAs: Record<Answer, string> = { seen: 'Seen', done: 'Done', not_helpful: 'Not helpful' };

/** What somebody said to an insight in the panel, on its record. */
export function answerWrite(said: {
  salesforceId: string;
  answer: Answer;
  feedback: string | undefined;
  actor: { personId: string; name: string };
}): Write {
  return {
    sobject: 'Rapport_Insight__c',
    operation: 'update',
    salesforceId: said.salesforceId,
    fields: {
      Rapport_Handled__c: handledAs[said.answer],
      ...(said.feedback === undefined ? {} : { Rapport_Feedback__c: said.feedback }),
    },
    actor: said.actor,
    feature: 'insights',
  };
}

/** The fields of the account that Rapport owns, as a sales rep sees them on its record. */
export function accountWrite(
  health: HealthToTell,
  told: { reasons: string; url: string; latest?: Latest | undefined },
): Write {
  return {
    sobject: 'Account',
    operation: 'update',
    salesforceId: health.accountId,
    fields: {
      Rapport_Health_Rank__c: health.rank === null ? null : rankValues[health.rank],
      Rapport_Health_Score__c: health.score,
      Rapport_Health_Reasons__c: told.reasons,
      Rapport_Health_At__c: health.changedAt.toISOString(),
      Rapport_Health_Trend__c: health.trend,
      Rapport_Profile_URL__c: told.url,
      ...(told.latest === undefined ? {} : latestFields(told.latest)),
    },
    feature: 'insights',
  };
}

/** The newest insight, in one line. */
interface Latest {
  headline: string;
  at: Date;
}

const latestFields = ({ headline, at }: Latest): Write['fields'] => ({
  Rapport_Latest_Insight__c: headline.slice(0, 255),
  Rapport_Latest_Insight_At__c: at.toISOString(),
});

/** The account's own line about the newest insight. */
export const latestWrite = ({ accountId, occurredAt }: Insight, headline: string): Write => ({
  sobject: 'Account',
  operation: 'update',
  salesforceId: accountId,
  fields: latestFields({ headline, at: occurredAt }),
  feature: 'insights',
});

/** The insight's own record, under its account. */
export function insightWrite(
  insight: Pick<Insight, 'id' | 'accountId' | 'kind' | 'rank' | 'score' | 'occurredAt'>,
  told: { headline: string; body: string; url: string },
): Write {
  const fields: Record<string, Value> = {
    Rapport_Kind__c: insight.kind,
    Rapport_Headline__c: told.headline.slice(0, 255),
    Rapport_Body__c: told.body,
    Rapport_Rank__c: insight.rank === null ? null : rankValues[insight.rank],
    Rapport_Score__c: insight.score,
    Rapport_Occurred_At__c: insight.occurredAt.toISOString(),
    Rapport_URL__c: told.url,
  };
  return {
    sobject: 'Rapport_Insight__c',
    operation: 'upsert',
    rapportId: insight.id,
    fields,
    parent: { field: 'Rapport_Account__c', sobject: 'Account', salesforceId: insight.accountId },
    feature: 'insights',
  };
}
