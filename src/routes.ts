import { Router } from 'express';

import type { Route } from './web/guards.ts';

/** Everything a request can reach, and who may reach it. */
export const routes: readonly Route[] = [];

export function router(): Router {
  const all = Router();
  for (const { method, path, handlers } of routes) all[method](path, ...handlers);
  return all;
}
