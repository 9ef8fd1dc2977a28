import { DAY } from '../dates.ts';
import { type Random, randomFrom } from '../random.ts';
import { addActivities } from '../activities.ts';
import { newestAt } from '../company/products.ts';
import { addEarlierTrial, addProspecting, addTrial } from '../sales/pipeline.ts';
import { choosePurchase, tellPurchase, type Holding, type Purchase, type Standing } from '../sales/story.ts';
import { reportCases } from '../support/cases.ts';
import { at } from '../random.ts';
import type { World } from '../world.ts';
import { finishAccount, type DemoAccount, type Tale } from './account.ts';

const standings = [['paying', 71], ['lapsed', 8], ['trial', 5], ['tried', 4], ['prospect', 12]] as const; // prettier-ignore

/** Tells an account's years with us, from first contact to today, and writes it. */
export function tellStory(world: World, random: Random, account: DemoAccount, given?: Standing): void {
  const standing = given ?? random.weighted(standings);
  if (standing === 'prospect') addProspecting(world, random, account);
  else if (standing === 'trial' || standing === 'tried') tellTrial(world, random, account, standing);
  else tellCustomer(world, random, account, standing);
  addActivities(world, random, account, standing === 'paying' ? 4 : 2);
  finishAccount(world, random, account);
}

function tellCustomer(
  world: World,
  random: Random,
  account: DemoAccount,
  standing: 'lapsed' | 'paying',
): void {
  const purchase = purchaseOf({ world, random, account }, standing);
  account.type = account.partner ? 'Customer - Channel' : 'Customer - Direct';
  if (account.employees > 160 && random.chance(0.65))
    account.owner = world.staff.forCountry('csm', account.country, random);
  const holding = tellPurchase({ world, random, account }, purchase, standing);
  reportCases({ world, random, account }, holding, purchase.boughtAt);
  if (account.employees > 400 && random.chance(0.3)) {
    tellPurchase(
      { world, random, account },
      { ...choosePurchase({ world, random, account }), addOns: [] },
      standing,
    );
  }
  if (standing === 'paying' && world.now - purchase.boughtAt < 150 * DAY && random.chance(0.6))
    addEarlierTrial(world, random, account, purchase);
}

/** What they bought; now and then within the last days, so that there is always somebody who begins. */
function purchaseOf(tale: Tale, standing: 'lapsed' | 'paying'): Purchase {
  const purchase = choosePurchase(tale);
  const beginning = randomFrom(tale.world.seed, 'first days', tale.account.id);
  if (standing !== 'paying' || !beginning.chance(0.02)) return purchase;
  return { ...purchase, boughtAt: tale.world.now - beginning.int(1, 6) * DAY };
}

function tellTrial(world: World, random: Random, account: DemoAccount, standing: 'trial' | 'tried'): void {
  const productId = addTrial(world, random, account, standing === 'trial');
  if (!random.chance(0.2)) return;
  const edition = at(world.range.editions, 1);
  const { version, product } = newestAt(edition, world.now);
  const holding: Holding = { edition, version, productId, productName: product.name };
  reportCases({ world, random, account }, holding, world.now - 20 * DAY);
}
