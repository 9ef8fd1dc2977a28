import { formatsFor } from '../../platform/formats.ts';
import type { Finding, Needs } from '../../platform/salesforce/checks/checks.ts';
import { areas } from '../../platform/salesforce/checks/checks.ts';
import {
  beginSetupCheck,
  latestSetupCheck,
  type SetupCheck,
} from '../../platform/salesforce/checks/setup-checks.ts';
import { only, type Route, route, staffViewerOf } from '../guards.ts';

const page = '/console/setup';

/** Whether the org is set up as Rapport needs it: looked at on demand, area by area, each finding with what to do about it. */
export const setupRoutes = (needs: Needs): Route[] => [
  route('get', page, only('admin')(), async (_req, res) => {
    const check = await latestSetupCheck();
    res.render('console/setup/index', { check: check && shown(check) });
  }),
  route('post', `${page}/checks`, only('admin')(), async (req, res) => {
    await beginSetupCheck(needs, staffViewerOf(req).personId);
    res.redirect(303, page);
  }),
];

const { number } = formatsFor('en', 'UTC');

/** Numbers as people read them; `count` stays one, since it chooses the plural. */
const withWords = (finding: Finding): Finding => ({
  ...finding,
  values: Object.fromEntries(
    Object.entries(finding.values).map(([name, value]) => [
      name,
      typeof value === 'number' && name !== 'count' ? number(value) : value,
    ]),
  ),
});

const gravity = { failure: 0, warning: 1, ok: 2 };

function shown(check: SetupCheck) {
  const byGravity = (one: Finding, other: Finding) => gravity[one.level] - gravity[other.level];
  const found = check.found.map(({ area, findings }) => ({
    area,
    findings: findings.toSorted(byGravity).map(withWords),
  }));
  const all = found.flatMap(({ findings }) => findings);
  const count = (level: Finding['level']) => all.filter((each) => each.level === level).length;
  return {
    ...check,
    found,
    unseen: areas.filter((area) => !found.some((each) => each.area === area)),
    counts: { failure: count('failure'), warning: count('warning'), ok: count('ok') },
    progress: { value: found.length, max: areas.length },
  };
}
