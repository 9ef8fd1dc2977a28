import type { RequestHandler } from 'express';

import { partnerAccount } from '../../partners/partners.ts';
import { accountViewerOf, partners, route } from '../guards.ts';

const showOverview: RequestHandler = async (req, res) => {
  const { openCases, ...account } = await partnerAccount(accountViewerOf(req));
  res.render('partner/overview/show', { account, openCases });
};

export const partnerRoutes = [route('get', '/partner', partners(), showOverview)];
