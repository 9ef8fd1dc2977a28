import type { SaveResult } from '../records/results.ts';
import type { ObjectDefinition, SObject } from '../schema/catalog.ts';
import { idOnly, lookup, moment, readOnly, text } from '../schema/fields.ts';
import { uuidOf } from './changes.ts';

/** Platform events end in `__e`. */
export const isPlatformEvent = (name: string): boolean => name.endsWith('__e');

/** They are published, and can neither be read nor changed afterwards. */
export const platformEventRights = { updateable: false, deletable: false, undeletable: false };

/** A platform event as an object: its own fields are deployed to it. */
export const platformEventObject = ({
  name,
  label,
  labelPlural,
}: Pick<ObjectDefinition, 'name' | 'label' | 'labelPlural'>): ObjectDefinition => ({
  name,
  label,
  labelPlural,
  custom: true,
  ...platformEventRights,
  fields: [
    ...idOnly(label),
    text('ReplayId', 1000, { label: 'Replay ID', ...readOnly }),
    text('EventUuid', 36, { label: 'Event UUID', ...readOnly }),
    moment('CreatedDate', { ...readOnly, nillable: false, defaultedOnCreate: true }),
    lookup('CreatedById', 'User', { ...readOnly, nillable: false, defaultedOnCreate: true }),
  ],
});

/** What became of publishing: an event that was taken says so by an entry among its errors, as Salesforce has it. */
export const publishResult = (sobject: SObject, result: SaveResult): SaveResult =>
  isPlatformEvent(sobject.name) && result.success
    ? {
        ...result,
        errors: [{ statusCode: 'OPERATION_ENQUEUED', message: uuidOf(result.id ?? ''), fields: [] }],
      }
    : result;
