import { Router } from 'express';

import { statusRoutes } from './web/api/status.ts';
import type { Route } from './web/guards.ts';
import { homeRoutes } from './web/public/home.ts';
import { signInRoutes } from './web/public/sign-in.ts';

/** Everything a request can reach, and who may reach it. */
export const routes: readonly Route[] = [...statusRoutes, ...homeRoutes, ...signInRoutes];

export function router(): Router {
  const all = Router();
  for (const { method, path, handlers } of routes) all[method](path, ...handlers);
  return all;
}
