import { z } from 'zod';

import type { Fault, Faults } from './faults.ts';

/** What `POST /__sandbox__/bulk` takes. */
export const bulkForm = z.strictObject({
  /** Rows a second. */
  speed: z.number().positive().nullish(),
  /** Rows until the job fails. */
  failAt: z.int().min(0).nullish(),
});

const NAME = 'every Bulk job';

/** Makes all Bulk jobs slow or failing, in place of what was set before; neither of them ends it. */
export function setBulkTrouble(faults: Faults, { speed, failAt }: z.infer<typeof bulkForm>): Fault[] {
  for (const { id, name } of faults.list()) if (name === NAME) faults.remove(id);
  const job = {
    ...(typeof speed === 'number' && { rowsPerSecond: speed }),
    ...(typeof failAt === 'number' && { failAfter: failAt }),
  };
  return Object.keys(job).length === 0 ? [] : faults.add([{ name: NAME, match: {}, effect: { job } }]);
}
