/**
 * Lists in the order in which they can be looked at: each after those that its rule names. What goes in circles, which saving refuses,
 * comes last, in any order.
 */
export function inOrder<T extends { id: string; parts: readonly string[] }>(lists: readonly T[]): T[] {
  const byId = new Map(lists.map((list) => [list.id, list]));
  const ordered = new Set<T>();
  const visit = (list: T, above: ReadonlySet<string>): void => {
    if (ordered.has(list) || above.has(list.id)) return;
    const here = new Set([...above, list.id]);
    for (const part of list.parts.map((id) => byId.get(id))) if (part !== undefined) visit(part, here);
    ordered.add(list);
  };
  for (const list of lists) visit(list, new Set());
  return [...ordered];
}
