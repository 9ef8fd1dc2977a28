import { emptyDatabase } from './database.ts';
import { wholeMail } from './floor/merging.ts';
import { type Benchmark, interleave, type Slice } from './harness.ts';
import { begin, end, licenses, RECIPIENTS, rows, short, values } from './merging/mail.ts';

/*
 * P3: recipients merged a second, from their values to what stands in their slots: escaped, with fallbacks, a condition, and a table of five
 * rows of their own. No two recipients share an account, so nothing that was drawn for one serves another. The floor is the same mail by
 * liquidjs as a whole, its values formatted beforehand.
 */

export const merging: Benchmark = {
  async run({ isFull }) {
    const { server, url } = await emptyDatabase();
    process.env.DATABASE_URL = url;
    const { productMerge } = await import('./merging/product.ts');
    const product = looping(await productMerge());
    const { ratio, ratios, productRate, floorRate } = await interleave(product, floor(), isFull ? 200 : 40);
    server.stop();
    return {
      figure: round(ratio),
      merged: round(productRate),
      liquidjs: round(floorRate),
      ratios: ratios.map(round),
    };
  },
  must: ({ figure }) => figure >= 3,
};

const round = (value: number) => Math.round(value * 1000) / 1000;

function floor(): Slice {
  const render = wholeMail(`For {{ person.firstName | default: "you" }}${begin}${rows}${end}${short}`);
  const recipients = Array.from({ length: RECIPIENTS }, (_, i) => ({ ...values(i), rows: licenses(i) }));
  return looping((i) => render(recipients[i % RECIPIENTS] ?? {}));
}

const looping =
  (work: (i: number) => unknown): Slice =>
  (milliseconds) => {
    const until = performance.now() + milliseconds;
    let done = 0;
    while (performance.now() < until) for (let i = 0; i < 20; i++) work(done++);
    return Promise.resolve(done);
  };
