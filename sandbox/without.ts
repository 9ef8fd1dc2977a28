/** The same object without some of its properties. */
export const without = <T extends object>(object: T, ...names: string[]): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as Partial<T>;
