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

/** Lists in order, in groups that can be looked at at once: all of accounts or all of people, none of them naming another. */
export function inWaves<T extends { id: string; entity: string; parts: readonly string[] }>(
  lists: readonly T[],
): T[][] {
  const waveOf = new Map<string, number>();
  for (const { id, parts } of inOrder(lists))
    waveOf.set(id, 1 + Math.max(-1, ...parts.map((part) => waveOf.get(part) ?? -1)));
  const groups = Map.groupBy(
    inOrder(lists),
    ({ id, entity }) => `${String(waveOf.get(id)).padStart(4)} ${entity}`,
  );
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
}
