import { once } from 'node:events';
import { createServer } from 'node:http';

import express from 'express';

/**
 * The floor of P12: the same template on the same data, held constant. Asks the product's own app for the page once, in this
 * process, keeps what was given to the view, and from then on only renders it: no session, no query, no middleware.
 * Environment: PAGE (path), COOKIE (of the session), FLOOR_PORT.
 */
const { createApp } = await import('../../src/app.ts');
const { PAGE = '/', COOKIE = '', FLOOR_PORT = '0' } = process.env;

interface Rendered {
  view: string;
  locals: object;
}

let captured: Rendered | undefined;
const product = createApp();
const render = product.render.bind(product);
product.render = (view: string, options?: object, done?: (error: Error, html: string) => void) => {
  captured = { view, locals: { ...options } };
  render(view, options ?? {}, done);
};

const probe = createServer(product).listen(0, '127.0.0.1');
await once(probe, 'listening');
const address = probe.address();
if (address === null || typeof address === 'string') throw new Error('no port');
const answer = await fetch(`http://127.0.0.1:${address.port}${PAGE}`, { headers: { cookie: COOKIE } });
if (answer.status !== 200 || captured === undefined) throw new Error(`${PAGE} answered ${answer.status}`);
probe.close();

const { view, locals } = captured;
express()
  .disable('x-powered-by')
  .disable('etag')
  .use((_req, res, next) => {
    render(view, locals, (error: Error | null, html: string) => {
      if (error) next(error);
      else res.send(html);
    });
  })
  .listen(Number(FLOOR_PORT), '127.0.0.1', () => process.send?.('ready'));
