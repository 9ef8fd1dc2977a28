/** Where an object's list is, as in Salesforce. */
export const listPath = (object: string): string => `/lightning/o/${object}/list`;

/** Where a record is, as in Salesforce; `/<id>` where the object is not known. */
export const recordPath = (object: string, id: string): string =>
  object === '' ? `/${id}` : `/lightning/r/${object}/${id}/view`;
