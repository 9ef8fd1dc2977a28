import type { Member, MemberSorting } from '../../segments/members.ts';
import type { Segment } from '../../segments/segments.ts';

/** A column of a list's members; the name leads to its words (`segments.columns.NAME`) and its cell. */
export interface MemberColumn {
  name: string;
  sort?: MemberSorting;
  isNumber?: boolean;
  isText?: boolean;
  /** Its value says little without its name, which on a phone is put before it. */
  isLabeled?: boolean;
  value: (member: Member) => string | number | Date | null | undefined;
}

const number = { isNumber: true, isLabeled: true } as const;

const ofAccounts: readonly MemberColumn[] = [
  { name: 'health', sort: 'health', value: ({ rank }) => rank },
  { name: 'status', sort: 'status', value: ({ status }) => status },
  { name: 'stage', sort: 'stage', value: ({ stage }) => stage },
  { name: 'risk', sort: 'risk', value: ({ risk }) => risk },
  { name: 'tags', value: ({ tags }) => tags?.map((tag) => tag.name).join(', ') },
  { name: 'engagement', sort: 'engagement', ...number, value: ({ engagement }) => engagement },
  { name: 'frequency', value: ({ frequency }) => frequency },
  { name: 'peopleActive', sort: 'peopleActive', ...number, value: ({ peopleActive }) => peopleActive },
  { name: 'utilization', sort: 'utilization', ...number, value: ({ utilization }) => utilization },
  { name: 'lastActiveOn', sort: 'lastActiveOn', isLabeled: true, value: ({ lastActiveOn }) => lastActiveOn },
  {
    name: 'contractValue',
    sort: 'contractValue',
    ...number,
    value: ({ contractValueMinor }) => (contractValueMinor == null ? null : contractValueMinor / 100),
  },
];

const ofPeople: readonly MemberColumn[] = [
  { name: 'account', sort: 'name', isText: true, value: ({ accountName }) => accountName },
  { name: 'title', sort: 'title', isText: true, value: ({ title }) => title },
  { name: 'email', sort: 'email', isText: true, value: ({ email }) => email },
  { name: 'engagement', sort: 'engagement', ...number, value: ({ engagement }) => engagement },
  { name: 'frequency', value: ({ frequency }) => frequency },
  { name: 'daysActive', sort: 'daysActive', ...number, value: ({ daysActive }) => daysActive },
  { name: 'actions', sort: 'actions', ...number, value: ({ actions }) => actions },
  { name: 'lastActiveOn', sort: 'lastActiveOn', isLabeled: true, value: ({ lastActiveOn }) => lastActiveOn },
  { name: 'health', sort: 'health', value: ({ rank }) => rank },
  { name: 'risk', sort: 'risk', value: ({ risk }) => risk },
];

const ofBoth: readonly MemberColumn[] = [
  { name: 'manager', sort: 'manager', isText: true, value: ({ managerName }) => managerName },
  { name: 'renewalOn', sort: 'renewalOn', isLabeled: true, value: ({ renewalOn }) => renewalOn },
  { name: 'openCases', sort: 'openCases', ...number, value: ({ openCases }) => openCases },
  { name: 'industry', sort: 'industry', isText: true, value: ({ industry }) => industry },
  { name: 'country', sort: 'country', isText: true, value: ({ country }) => country },
  { name: 'employees', sort: 'employees', ...number, value: ({ employees }) => employees },
  { name: 'enteredAt', sort: 'enteredAt', isLabeled: true, value: ({ enteredAt }) => enteredAt },
];

/** Every column that a list of this kind can show, in order; the member's name always comes first. */
export const memberColumns: Record<Segment['entity'], readonly MemberColumn[]> = {
  account: [...ofAccounts, ...ofBoth],
  person: [...ofPeople, ...ofBoth],
};

const usual: Record<Segment['entity'], readonly string[]> = {
  account: ['health', 'risk', 'tags', 'manager', 'renewalOn', 'enteredAt'],
  person: ['account', 'title', 'engagement', 'daysActive', 'lastActiveOn', 'health', 'enteredAt'],
};

/** Where the choice of columns of such lists is kept. */
export const listOf = (entity: Segment['entity']): string => `segment-${entity}`;

/** Those of the columns that a person chose, or the usual ones, in the order of the table. */
export function memberColumnsFor(
  entity: Segment['entity'],
  chosen: readonly string[] = usual[entity],
): MemberColumn[] {
  return memberColumns[entity].filter(({ name }) => chosen.includes(name));
}
