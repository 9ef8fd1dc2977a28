import { config } from '../../platform/config.ts';

/** Where a record is in Salesforce's own pages. */
export const recordUrl = (object: string, id: string): string =>
  `${config.SALESFORCE_LOGIN_URL ?? config.SANDBOX_URL}/lightning/r/${object}/${id}/view`;
