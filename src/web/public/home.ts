import { anyone, type Route, route } from '../guards.ts';

/** What anyone may read: what the portal is for, and how to get help. */
export const homeRoutes: Route[] = [
  route('get', '/', anyone(), (_req, res) => {
    res.render('public/home/show');
  }),
  route('get', '/help', anyone(), (_req, res) => {
    res.render('public/help/show');
  }),
];
