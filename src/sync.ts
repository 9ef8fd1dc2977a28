import { accountObjects } from './accounts/salesforce.ts';
import { caseDeliveries, caseObjects } from './cases/salesforce.ts';
import { uploadedBytes } from './cases/uploads.ts';
import { insightObjects } from './insights/salesforce.ts';
import { licenseObjects } from './licenses/salesforce.ts';
import { createSync } from './platform/salesforce/runner.ts';

/** Everything that is read from Salesforce, in the order of its first load. */
export const mappings = [...accountObjects, ...licenseObjects, ...caseObjects, ...insightObjects];

/** Everything exchanged with Salesforce: what is mirrored, what deliveries mean, where files' bytes come from. */
export const exchange = {
  mappings,
  deliveries: { ...caseDeliveries },
  content: { ContentVersion: uploadedBytes },
};

/** The exchange at work; `start` it in a worker process. */
export const sync = () => createSync(exchange);
