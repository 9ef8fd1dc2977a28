/** What somebody of the audience is asked, in this order; the first that does not hold is why they get nothing. */
export const checks = [
  'address', 'erased', 'duplicate', 'suppressed', 'consent', 'again', 'holdout', 'personCap', 'accountCap',
] as const; // prettier-ignore
export type Check = (typeof checks)[number];

/** Why somebody of the audience gets nothing: words `campaigns.reasons.<reason>`. */
export const reasonOf: Record<Check, string> = {
  address: 'no_address',
  erased: 'erased',
  duplicate: 'duplicate',
  suppressed: 'suppressed',
  consent: 'no_consent',
  again: 'received_before',
  holdout: 'holdout',
  personCap: 'capped',
  accountCap: 'account_capped',
};

/** Every reason that planning gives; `dry_run`: they would have got it. */
export const skipReasons: readonly string[] = [...Object.values(reasonOf), 'dry_run'];
