import pg from 'pg';

/** A page that people look at: its name in the figures, how often of all looks, and an address of it. */
export interface Look {
  name: string;
  weight: number;
  path: () => string;
}

/** What people look at in the console on a working day, and how often beside each other. */
export async function looks(url: string): Promise<Look[]> {
  const { accounts, people, segments } = await known(url);
  const account = () => `/console/accounts/${any(accounts)}`;
  const look = (name: string, weight: number, path: () => string): Look => ({
    name,
    weight,
    path: () => encodeURI(path()),
  });
  const tab = (name: string, weight = 2) => look(`account ${name}`, weight, () => `${account()}/${name}`);
  return [
    look('home', 8, () => '/console'),
    look('home of all', 2, () => '/console?whose=everybody'),
    look('health', 6, () => '/console/health'),
    look('health by', 3, () => `/console/health?by=${any(['manager', 'size', 'industry', 'country', 'stage'])}`),
    look('health drill-down', 4, () => `/console/health?rank=${any(ranks)}&industry=${any(industries)}`),
    look('accounts', 6, () => '/console/accounts'),
    look('accounts mine', 4, () => '/console/accounts?manager=me'),
    look('accounts sorted', 5, () => `/console/accounts?sort=${any(sorts)}&page=${any(['1', '1', '2', '5'])}`),
    look('accounts filtered', 5, () => `/console/accounts?rank=${any(ranks)}&size=${any(['1-49', '250-999'])}&sort=-value`),
    look('accounts searched', 5, () => `/console/accounts?q=${any(['northgate', 'bank 77', 'castor', 'halden marine', 'zzz'])}`),
    look('account', 10, account),
    ...['people', 'usage', 'health', 'timeline'].map((name) => tab(name, 3)),
    ...['cases', 'deals', 'insights', 'attributes'].map((name) => tab(name)),
    look('people', 3, () => '/console/people'),
    look('people searched', 2, () => `/console/people?q=${any(['contact 1', 'c1@a77', 'robin'])}`),
    look('person', 4, () => `/console/people/${any(people)}`),
    look('leaders', 1, () => '/console/people/leaders'),
    look('cohorts', 1, () => '/console/people/cohorts'),
    look('lists', 3, () => '/console/segments'),
    look('list', 4, () => `/console/segments/${any(segments)}`),
    look('list changes', 1, () => `/console/segments/${any(segments)}/changes`),
    look('tags', 1, () => '/console/tags'),
    look('risk', 2, () => '/console/risk'),
    look('inbox', 4, () => '/console/inbox'),
    look('alert rules', 1, () => '/console/alerts'),
    look('insights', 3, () => '/console/insights'),
    look('reports', 1, () => '/console/reports'),
    look('report', 2, () => `/console/reports/${any(['health', 'risk', 'renewals', 'frequency', 'managers'])}`),
  ]; // prettier-ignore
}

const ranks = ['good', 'average', 'poor'];
const industries = ['Retail', 'Energy', 'Banking', 'Logistics'];
const sorts = [
  'name',
  '-name',
  'health',
  '-value',
  'renewalOn',
  '-engagement',
  '-lastUsedOn',
  'manager',
  'city',
];

export const any = <T>(some: readonly T[]): T => some[Math.floor(Math.random() * some.length)] as T;

async function known(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const ids = async (statement: string) =>
    (await client.query<{ id: string }>(statement)).rows.map(({ id }) => id);
  try {
    return {
      accounts: await ids('select id from accounts order by md5(id) limit 2000'),
      people: await ids('select id from account_people order by md5(id::text) limit 2000'),
      segments: await ids('select id from segments where archived_at is null and is_shared order by name'),
    };
  } finally {
    await client.end();
  }
}

/** Looks in the mix's proportions, one after the other at random. */
export function chooser(all: readonly Look[]): () => Look {
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  return () => {
    let left = Math.random() * total;
    for (const look of all) if ((left -= look.weight) < 0) return look;
    throw new Error('there is nothing to look at');
  };
}
