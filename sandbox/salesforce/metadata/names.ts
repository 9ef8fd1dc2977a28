/** `Account.Rapport_Id__c` as object and field. */
export function splitField(fullName: string): [object: string, field: string] {
  const at = fullName.indexOf('.');
  return at < 0 ? [fullName, ''] : [fullName.slice(0, at), fullName.slice(at + 1)];
}

/** Fields of activities belong to tasks and events alike. */
export const objectsOf = (name: string): string[] => (name === 'Activity' ? ['Task', 'Event'] : [name]);
