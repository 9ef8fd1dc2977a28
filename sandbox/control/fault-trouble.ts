import { AsyncLocalStorage } from 'node:async_hooks';

import { saveError } from '../salesforce/errors.ts';
import { isId, toLongId } from '../salesforce/records/ids.ts';
import { strikes } from './fault-matching.ts';

import type { SaveError } from '../salesforce/errors.ts';
import type { Occasion, Trouble, TroubledRow } from '../salesforce/trouble.ts';
import type { Fault } from './faults.ts';

type RowEffect = NonNullable<Fault['effect']['rows']>;

/** What the faults of rows and jobs do inside of the org, and `inside`, which lets it know whose request it works for. */
export function createTrouble(faults: () => Fault[]) {
  const surroundings = new AsyncLocalStorage<Occasion>();
  const nowhere: Occasion = { method: '', url: '' };
  const trouble: Trouble = {
    ofRows(sobject, rows) {
      const refused = new Map<number, SaveError>();
      for (const fault of faults()) {
        const { rows: effect } = fault.effect;
        if (!effect || rows.length === 0) continue;
        const places = placesOf(effect, rows);
        if (places.length === 0) continue;
        if (!strikes(fault, surroundings.getStore() ?? nowhere, isCalled(sobject))) continue;
        for (const at of places) if (!refused.has(at)) refused.set(at, errorOf(effect, rows[at]));
      }
      return refused;
    },
    ofJob(occasion, object) {
      const fault = faults().find((each) => each.effect.job && strikes(each, occasion, isCalled(object)));
      return fault?.effect.job ?? {};
    },
    during: (occasion, work) => surroundings.run(occasion, work),
  };
  return {
    trouble,
    inside: (occasion: Occasion, work: () => void) => {
      surroundings.run(occasion, work);
    },
  };
}

const isCalled = (name: string) => (object: string) => object.toLowerCase() === name.toLowerCase();

function placesOf({ count, records }: RowEffect, rows: TroubledRow[]): number[] {
  const all = [...rows.keys()];
  const named = records ? all.filter((at) => isNamed(records, rows[at])) : all;
  if (count === undefined || count >= named.length) return named;
  return Array.from({ length: count }, (_, at) => named[Math.floor((at * named.length) / count)] ?? 0);
}

function isNamed(records: string[], row: TroubledRow | undefined): boolean {
  const wanted = new Set(records.flatMap((record) => (isId(record) ? [record, toLongId(record)] : [record])));
  return [row?.id, ...(row?.values ?? [])].some((value) => typeof value === 'string' && wanted.has(value));
}

function errorOf({ errorCode, message, fields }: RowEffect, row: TroubledRow | undefined): SaveError {
  return saveError(errorCode, message ?? usualMessage(errorCode, row), fields);
}

function usualMessage(errorCode: string, row: TroubledRow | undefined): string {
  if (errorCode !== 'UNABLE_TO_LOCK_ROW') return errorCode;
  const held = row?.id ?? row?.values.find((value) => typeof value === 'string' && isId(value));
  const named = typeof held === 'string' ? `: ${held}` : '';
  return `unable to obtain exclusive access to this record or 1 records${named}`;
}
