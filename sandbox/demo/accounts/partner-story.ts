import { addActivities } from '../activities.ts';
import { newestAt } from '../company/products.ts';
import { addMonths, DAY } from '../dates.ts';
import { at, type Random } from '../random.ts';
import { addLicense } from '../sales/licenses.ts';
import { reportCases } from '../support/cases.ts';
import type { World } from '../world.ts';
import { finishAccount, type DemoAccount } from './account.ts';

/** A partner's years: licenses for their own use, channel codes in stock, cases they open, and the row itself. */
export function tellPartner(world: World, random: Random, account: DemoAccount): void {
  const edition = at(world.range.editions, 1);
  const { product, version } = newestAt(edition, world.now);
  const boughtAt = Math.max(account.createdAt, world.now - random.int(20, 330) * DAY);
  addLicense(world, random, account, {
    product,
    seats: random.pick([2, 5, 10]),
    status: 'Active',
    boughtAt,
    supportUntil: addMonths(boughtAt, 12),
  });
  const codes = account.type === 'Distributor' ? random.int(8, 20) : random.int(0, 4);
  for (let left = codes; left > 0; left -= 1) {
    const sold = random.pick(world.range.editions);
    const soldAt = world.now - random.int(3, 300) * DAY;
    addLicense(world, random, account, {
      product: newestAt(sold, soldAt).product,
      seats: random.pick([1, 1, 5, 10]),
      status: 'Active',
      boughtAt: soldAt,
      supportUntil: addMonths(soldAt, 12),
      kind: 'Channel Code',
    });
  }
  reportCases(
    { world, random, account },
    { edition, version, productId: product.id, productName: product.name },
    account.createdAt,
  );
  addActivities(world, random, account, 4);
  finishAccount(world, random, account);
}
