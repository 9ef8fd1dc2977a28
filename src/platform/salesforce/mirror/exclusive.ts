let last: Promise<unknown> = Promise.resolve();

/**
 * Reads of Salesforce and the merge of what they brought belong together: done one after another, no older answer can overwrite a
 * newer one. Poll and event stream run in one process at a time, so this holds for all of them. Not to be nested.
 */
export function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work, work);
  last = result.catch(() => undefined);
  return result;
}
