import { send } from '../wire/connection.ts';
import { fieldsOf, type Outcome, type Refused, refusedAlone } from './deliver-outcomes.ts';

type Way = 'create' | 'byId' | 'byRapportId';

/**
 * What a duplicate rule found, where the answer for many records does not say: the door for single records does. A record that
 * goes through there has been written.
 */
export async function withMatches(outcome: Outcome, way: Way): Promise<Outcome> {
  if (!('failure' in outcome) || outcome.failure.code !== 'DUPLICATES_DETECTED') return outcome;
  return namesMatches(outcome) ? outcome : await sentAlone(outcome, way);
}

const namesMatches = ({ failure }: Refused): boolean =>
  [failure.cause]
    .flat()
    .some((error) => (error as { duplicateResult?: unknown } | undefined)?.duplicateResult !== undefined);

async function sentAlone(outcome: Refused, way: Way): Promise<Outcome> {
  const { row } = outcome;
  const key = {
    create: '',
    byId: `/${row.salesforceId ?? ''}`,
    byRapportId: `/Rapport_Id__c/${row.rapportId ?? ''}`,
  };
  try {
    const { body } = await send<{ id?: string } | undefined>({
      method: way === 'create' ? 'POST' : 'PATCH',
      path: `/sobjects/${row.sobject}${key[way]}`,
      body: fieldsOf(row),
    });
    const salesforceId = body?.id ?? row.salesforceId;
    return salesforceId === null ? outcome : { row, salesforceId };
  } catch (error) {
    return refusedAlone(row, error);
  }
}
