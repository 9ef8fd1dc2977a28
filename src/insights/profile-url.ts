import { config } from '../platform/config.ts';

/** Where an account is shown in the console. */
export const profileUrl = (accountId: string): string => `${config.publicUrl}/console/accounts/${accountId}`;
