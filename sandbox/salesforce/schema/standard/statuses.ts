import { idOf } from '../../records/ids.ts';
import { audit, checkbox, idOnly, percent, readOnly, required, text, whole } from '../fields.ts';
import { caseObject } from './cases.ts';
import { lead, opportunity } from './sales.ts';

import type { FieldDefinition, ObjectDefinition } from '../catalog.ts';

const status = (
  name: string,
  label: string,
  keyPrefix: string,
  more: FieldDefinition[],
): ObjectDefinition => ({
  name,
  label,
  labelPlural: label,
  keyPrefix,
  createable: false,
  updateable: false,
  deletable: false,
  undeletable: false,
  fields: [
    ...idOnly(label),
    text('MasterLabel', 255, { nameField: true, ...readOnly, ...required }),
    text('ApiName', 255, readOnly),
    whole('SortOrder', readOnly),
    checkbox('IsDefault', readOnly),
    ...more,
    ...audit(),
  ],
});

/** What the values of a status mean. */
export const leadStatus = status('LeadStatus', 'Lead Status Value', '01Q', [
  checkbox('IsConverted', readOnly),
]);
export const caseStatus = status('CaseStatus', 'Case Status Value', '01P', [checkbox('IsClosed', readOnly)]);
export const opportunityStage = status('OpportunityStage', 'Opportunity Stage', '01J', [
  checkbox('IsActive', readOnly),
  checkbox('IsClosed', readOnly),
  checkbox('IsWon', readOnly),
  percent('DefaultProbability', readOnly),
]);

type Row = Record<string, string | number | boolean>;

const valuesOf = ({ fields }: ObjectDefinition, field: string): string[] =>
  (fields.find(({ name }) => name === field)?.picklistValues ?? []).map(({ value }) => value);

const rows = (keyPrefix: string, values: string[], more: (value: string, at: number) => Row): Row[] =>
  values.map((value, at) => ({
    Id: idOf(keyPrefix, at + 1),
    MasterLabel: value,
    ApiName: value,
    SortOrder: at + 1,
    IsDefault: at === 0,
    ...more(value, at),
  }));

const probabilities = [10, 10, 20, 50, 60, 70, 75, 90, 100, 0];

/** The rows of these objects, which follow from the picklists that they explain. */
export const statusRows = (): Record<string, Row[]> => ({
  LeadStatus: rows('01Q', valuesOf(lead, 'Status'), (value) => ({
    IsConverted: value === 'Closed - Converted',
  })),
  CaseStatus: rows('01P', valuesOf(caseObject, 'Status'), (value) => ({ IsClosed: value === 'Closed' })),
  OpportunityStage: rows('01J', valuesOf(opportunity, 'StageName'), (value, at) => ({
    IsActive: true,
    IsClosed: value.startsWith('Closed'),
    IsWon: value === 'Closed Won',
    DefaultProbability: probabilities[at] ?? 0,
  })),
});
