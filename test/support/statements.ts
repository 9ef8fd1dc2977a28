import { pool } from '../../src/platform/db.ts';
import { writePages } from '../../src/reports/visits.ts';

interface Client {
  query: (...given: never[]) => unknown;
}

/** How many statements the product sent while that was done: a page's cost, whatever else the machine does. */
export async function statementsOf(act: () => Promise<unknown>): Promise<number> {
  await writePages(); // what is gathered of pages opened before would be written just now
  let count = 0;
  const watched = new Set<Client>();
  const watch = (client: unknown) => {
    const one = client as Client;
    if (watched.has(one)) return;
    watched.add(one);
    const query = one.query.bind(one);
    one.query = (...given) => {
      count += 1;
      return query(...given);
    };
  };
  pool.on('acquire', watch);
  try {
    await act();
  } finally {
    pool.off('acquire', watch);
    for (const client of watched) delete (client as Partial<Client>).query;
  }
  return count;
}
