import type { ViewList } from '../../accounts/saved-views.ts';
import type { ListedAccount, Sorting } from '../../portfolio/accounts.ts';

/** A column of the list of accounts; the name leads to its words (`accounts.columns.NAME`) and its cell. */
export interface AccountColumn {
  name: string;
  sort?: Sorting;
  isNumber?: boolean;
  /** A text of any length: kept on one line, cut where it is too long. */
  isText?: boolean;
  /** Its value says little without its name: on a phone, where there is no head, the name is put before it. */
  isLabeled?: boolean;
  value: (account: ListedAccount) => string | number | Date | null;
}

const figure = { isNumber: true, isLabeled: true } as const;

/** Every column that the list of accounts can show, in order. The account's name always comes first. */
export const accountColumns: readonly AccountColumn[] = [
  { name: 'health', sort: 'health', value: ({ rank }) => rank },
  { name: 'score', sort: 'health', isNumber: true, isLabeled: true, value: ({ score }) => score },
  { name: 'status', sort: 'status', value: ({ status }) => status },
  { name: 'stage', sort: 'stage', value: ({ stage }) => stage },
  { name: 'risk', sort: 'risk', value: ({ risk }) => risk },
  { name: 'tags', value: ({ tags }) => tags.map(({ name }) => name).join(', ') },
  { name: 'frequency', sort: 'frequency', value: ({ frequency }) => frequency },
  { name: 'people', sort: 'people', ...figure, value: ({ people }) => people },
  { name: 'engagement', sort: 'engagement', ...figure, value: ({ engagement }) => engagement },
  {
    name: 'time',
    sort: 'time',
    ...figure,
    value: ({ seconds }) => (seconds === null ? null : Math.round(seconds / 360) / 10),
  },
  { name: 'lastUsedOn', sort: 'lastUsedOn', isLabeled: true, value: ({ lastUsedOn }) => lastUsedOn },
  { name: 'utilization', sort: 'utilization', ...figure, value: ({ utilization }) => utilization },
  { name: 'value', sort: 'value', ...figure, value: ({ contractValueMinor }) => major(contractValueMinor) },
  { name: 'renewalOn', sort: 'renewalOn', isLabeled: true, value: ({ renewalOn }) => renewalOn },
  { name: 'manager', sort: 'manager', isText: true, value: ({ managerName }) => managerName },
  {
    name: 'openCases',
    sort: 'openCases',
    isNumber: true,
    isLabeled: true,
    value: ({ openCases }) => openCases,
  },
  {
    name: 'urgentCases',
    sort: 'urgentCases',
    isNumber: true,
    isLabeled: true,
    value: ({ urgentCases }) => urgentCases,
  },
  { name: 'owner', sort: 'owner', isText: true, value: ({ ownerName }) => ownerName },
  { name: 'type', sort: 'type', isText: true, value: ({ type }) => type },
  { name: 'industry', sort: 'industry', isText: true, value: ({ industry }) => industry },
  { name: 'city', sort: 'city', isText: true, value: ({ city }) => city },
  { name: 'country', sort: 'country', isText: true, value: ({ country }) => country },
  {
    name: 'employees',
    sort: 'employees',
    isNumber: true,
    isLabeled: true,
    value: ({ employees }) => employees,
  },
  {
    name: 'annualRevenue',
    sort: 'annualRevenue',
    isNumber: true,
    isLabeled: true,
    value: ({ annualRevenueMinor }) => major(annualRevenueMinor),
  },
  { name: 'contacts', sort: 'contacts', isNumber: true, isLabeled: true, value: ({ contacts }) => contacts },
  { name: 'activeOn', sort: 'activeOn', isLabeled: true, value: ({ activeOn }) => activeOn },
  { name: 'createdAt', sort: 'createdAt', isLabeled: true, value: ({ createdAt }) => createdAt },
  { name: 'phone', value: ({ phone }) => phone },
  { name: 'website', isText: true, value: ({ website }) => website },
];

const defaults: Record<ViewList, readonly string[]> = {
  accounts: ['health', 'status', 'frequency', 'people', 'value', 'renewalOn', 'manager'],
  health: ['health', 'stage', 'frequency', 'people', 'value', 'renewalOn', 'manager'],
};

const major = (minor: number | null): number | null => (minor === null ? null : minor / 100);

/** Those of the columns that a person chose, or the list's usual ones, in the order of the table. */
export function columnsFor(list: ViewList, chosen: readonly string[] = defaults[list]): AccountColumn[] {
  return accountColumns.filter(({ name }) => chosen.includes(name));
}
