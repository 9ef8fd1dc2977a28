import { Router, type RequestHandler } from 'express';

import { statusRoutes } from './web/api/status.ts';
import type { Route } from './web/guards.ts';
import { homeRoutes } from './web/public/home.ts';
import { signInRoutes } from './web/public/sign-in.ts';

/** Asked by machines, and answered before sessions: they must be able to say that the database is away. */
const machineRoutes: readonly Route[] = [...statusRoutes];

/** Everything a request can reach, and who may reach it. */
export const routes: readonly Route[] = [...machineRoutes, ...homeRoutes, ...signInRoutes];

export const machineRouter = (): Router => mount(machineRoutes, asVisitor);

export const router = (): Router => mount(routes.filter((each) => !machineRoutes.includes(each)));

const asVisitor: RequestHandler = (req, _res, next) => {
  req.viewer = { kind: 'visitor' };
  next();
};

function mount(some: readonly Route[], ...before: RequestHandler[]): Router {
  const all = Router();
  for (const { method, path, handlers } of some) all[method](path, ...before, ...handlers);
  return all;
}
