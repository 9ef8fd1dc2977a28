import type { ObjectDefinition } from '../catalog.ts';
import { audit, checkbox, decimal, identity, longText, owner, picklist, required, text } from '../fields.ts';

const notify = (operation: string) =>
  checkbox(`NotifyForOperation${operation}`, { label: `${operation} Notifications`, defaultValue: true });

// prettier-ignore
export const pushTopic: ObjectDefinition = {
  name: 'PushTopic',
  label: 'Push Topic',
  labelPlural: 'Push Topics',
  keyPrefix: '0IF',
  fields: [
    ...identity('Push Topic'),
    text('Name', 25, { label: 'Topic Name', nameField: true, idLookup: true, ...required }),
    longText('Query', 1300, { label: 'SOQL Query', nillable: false }),
    decimal('ApiVersion', { label: 'API Version', precision: 4, scale: 1, ...required }),
    checkbox('IsActive', { label: 'Is Active', defaultValue: true }),
    picklist('NotifyForFields', ['Select', 'Where', 'Referenced', 'All'], {
      label: 'Notify For Fields', restrictedPicklist: true, defaultValue: 'Referenced', defaultedOnCreate: true,
    }),
    picklist('NotifyForOperations', ['All', 'Create', 'Extended', 'Update'], {
      label: 'Notify For Operations', restrictedPicklist: true, createable: false, updateable: false,
    }),
    longText('Description', 400),
    notify('Create'),
    notify('Update'),
    notify('Delete'),
    notify('Undelete'),
    ...audit(),
  ],
};

// prettier-ignore
export const streamingChannel: ObjectDefinition = {
  name: 'StreamingChannel',
  label: 'Streaming Channel',
  labelPlural: 'Streaming Channels',
  keyPrefix: '0M6',
  fields: [
    ...identity('Streaming Channel'),
    owner(),
    text('Name', 80, { label: 'Streaming Channel Name', nameField: true, idLookup: true, ...required }),
    longText('Description', 255),
    checkbox('IsDynamic', { label: 'Is Dynamic', createable: false, updateable: false }),
    ...audit(),
  ],
};
