import { spending } from '../budget/budget.ts';
import { accessArea } from './checks-access.ts';
import { signInArea, wayArea } from './checks-connection.ts';
import { eventsArea, filesArea, limitsArea } from './checks-limits.ts';
import { fieldsArea } from './checks-fields.ts';
import { rulesArea } from './checks-rules.ts';
import { toFailure } from '../wire/errors.ts';
import type { Mirrored } from '../mirror/mapping.ts';

/** What Rapport writes of an object. */
export interface Written {
  readonly fields: readonly string[];
  /** Whether it makes such records, or only changes them. */
  readonly creates: boolean;
  /** The external id by which it finds its own records again. */
  readonly externalId?: string;
  /** Values that picklists must have. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

/** What Rapport needs of an org. */
export interface Needs {
  mappings: () => Promise<readonly Mirrored[]>;
  written: Readonly<Record<string, Written>>;
  permissionSet: string;
  /** Whoever holds one of them is staff. */
  staffPermissionSets: readonly string[];
}

/** One thing that was looked at. `key` and `values` are its sentence, and, unless all is well, what to do (`setup.says`, `setup.fix`). */
export interface Finding {
  level: 'ok' | 'warning' | 'failure';
  key: string;
  values: Record<string, string | number>;
}

/** The areas, in the order in which they are looked at. What comes after the sign-in needs it. */
export const areas = ['way', 'signIn', 'access', 'fields', 'rules', 'events', 'limits', 'files'] as const;
export type Area = (typeof areas)[number];

/** What was found in one area. */
export interface AreaFindings {
  area: Area;
  findings: Finding[];
}

const looks: Record<Area, (needs: Needs) => Promise<Finding[]>> = {
  way: wayArea,
  signIn: signInArea,
  access: accessArea,
  fields: fieldsArea,
  rules: rulesArea,
  events: eventsArea,
  limits: limitsArea,
  files: filesArea,
};

/** Looks at one area after the other, each as it is now, in calls that nothing sheds. What stands on a sign-in that fails is not looked at. */
export async function* checkSetup(needs: Needs): AsyncGenerator<AreaFindings> {
  for (const area of areas) {
    const findings = await spending('probe', () => looked(area, needs));
    yield { area, findings };
    const isShut = findings.some(({ level }) => level === 'failure');
    if (isShut && (area === 'way' || area === 'signIn')) return;
  }
}

async function looked(area: Area, needs: Needs): Promise<Finding[]> {
  try {
    return await looks[area](needs);
  } catch (error) {
    const { code, message, kind } = toFailure(error);
    if (kind === 'quota') return [{ level: 'failure', key: 'quota', values: { message } }];
    return [{ level: 'failure', key: 'broke', values: { code, message } }];
  }
}
