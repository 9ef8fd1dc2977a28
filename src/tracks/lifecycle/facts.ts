import { keeping } from '../../platform/kept.ts';

import * as queries from './facts.queries.ts';

/** What the data say of a product, for parameters to begin with. */
export type Fact =
  | 'activationStep1'
  | 'activationStep2'
  | 'activationStep3'
  | 'invitation'
  | 'setUpAction'
  | 'busiestModule'
  | 'newestModule'
  | 'newestProduct';

export type Facts = Readonly<Partial<Record<Fact, string>>>;

const keeper = keeping<Facts>({ milliseconds: 60_000, most: 1 });

/** What is known of the products by now; what is not known is left out. */
export async function lifecycleFacts(): Promise<Facts> {
  return await keeper({ key: 'facts', version: '' }, async () => {
    const [deeds, product] = [await queries.selectDeeds(), await queries.selectNewestProduct()];
    return factsOf(deeds, product);
  });
}

/** The most common action of each of the three busiest modules brings somebody to the first value, as long as nobody knows better. */
export function factsOf(deeds: readonly queries.Deed[], product: string | undefined): Facts {
  const modules = deeds.filter((deed, index) => deeds.findIndex(({ module }) => module === deed.module) === index);
  const [first, second, third] = modules;
  const newest = modules.toSorted((a, b) => (a.releasedOn < b.releasedOn ? 1 : -1))[0];
  const named = (pattern: RegExp) => deeds.find(({ action }) => pattern.test(action))?.action;
  const facts: Record<Fact, string | undefined> = {
    activationStep1: first?.action,
    activationStep2: second?.action,
    activationStep3: third?.action,
    invitation: named(/invit|colleague|team.?mate|collaborat|added (a )?(user|member)/i),
    setUpAction: named(/set.?up|config|polic|schedul|connect|integrat|install/i) ?? first?.action,
    busiestModule: first?.module,
    newestModule: newest?.module,
    newestProduct: product,
  };
  const known = Object.entries(facts).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(known);
} // prettier-ignore
