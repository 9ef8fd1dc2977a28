import { z } from 'zod';

import type { ProfileDraft } from '../../health/profiles.ts';
import { readingNames } from '../../health/readings.ts';
import { type Condition, type Flag, MOST, type Settings, SettingsSchema } from '../../health/settings.ts';
import { Invalid } from '../../platform/errors.ts';
import { line, parse } from '../../platform/http/parse.ts';
import type { Catalog } from '../../rules/fields.ts';
import { ruleText } from '../../rules/schema.ts';

/*
 * A profile as a form: for each reading `kind-`, `good-`, `poor-` and `weight-` with its name, for each place of a flag `flag-0-name`,
 * `flag-0-reading-0`, `flag-0-op-0`, `flag-0-value-0` and so on.
 */

type Body = Readonly<Record<string, unknown>>;

/** Places for conditions of a flag, and free places for new flags. */
export const PLACES = { conditions: 2, free: 2 } as const;

/**
 * Reads the form of a profile; the default has no rule.
 * @throws Invalid with a locale key for each wrong field, by the field's name in the form
 */
export function draftIn(body: Body, catalog: Catalog, which: 'default' | 'ruled'): ProfileDraft {
  const { name } = parse(z.object({ name: line(80) }), body);
  const appliesTo =
    which === 'default' ? null : parse(z.object({ rule: ruleText(catalog, 'account') }), body).rule;
  return { name, appliesTo, settings: settingsIn(body) };
}

function settingsIn(body: Body): Settings {
  const used = readingNames.filter((reading) => textIn(body, `kind-${reading}`) !== '');
  const flags = flagsIn(body);
  const read = SettingsSchema.safeParse({
    shift: numberIn(body, 'shift'),
    indicators: used.map((reading) => ({
      reading,
      kind: textIn(body, `kind-${reading}`),
      good: numberIn(body, `good-${reading}`),
      poor: numberIn(body, `poor-${reading}`),
      weight: numberIn(body, `weight-${reading}`),
    })),
    flags: flags.map(({ flag }) => flag),
  });
  if (read.success) return read.data;
  const errors = read.error.issues.map(({ path, message }) => [
    fieldOf(
      path,
      used,
      flags.map(({ place }) => place),
    ),
    message,
  ]);
  throw new Invalid(Object.fromEntries(errors.reverse()) as Record<string, string>);
}

/** The name in the form of what is at a path in the settings. */
function fieldOf(path: readonly PropertyKey[], used: readonly string[], places: readonly number[]): string {
  const [first, index, part, nth] = path;
  if (first === 'indicators' && part !== undefined) return `${String(part)}-${used[Number(index)] ?? ''}`;
  if (first !== 'flags') return String(first);
  const place = `flag-${String(places[Number(index)] ?? 0)}`;
  return part === 'conditions' ? `${place}-value-${String(nth ?? 0)}` : `${place}-name`;
}

/** The flags that anything was said of, with their places in the form. */
function flagsIn(body: Body): { place: number; flag: Flag }[] {
  const places = Array.from({ length: MOST.flags + PLACES.free }, (_, place) => place);
  return places.flatMap((place) => {
    const field = (name: string) => textIn(body, `flag-${String(place)}-${name}`);
    const conditions = Array.from({ length: MOST.conditions }, (_, nth) => nth).flatMap((nth) =>
      conditionIn(body, `flag-${String(place)}`, nth),
    );
    const name = field('name');
    if (name === '' && conditions.length === 0) return [];
    return [{ place, flag: { code: field('code') || `flag-${String(place)}`, name, conditions } }];
  });
}

function conditionIn(body: Body, flag: string, nth: number): Condition[] {
  const reading = readingNames.find((name) => name === textIn(body, `${flag}-reading-${String(nth)}`));
  if (reading === undefined) return [];
  const op = textIn(body, `${flag}-op-${String(nth)}`) === 'at_most' ? 'at_most' : 'at_least';
  return [{ reading, op, value: numberIn(body, `${flag}-value-${String(nth)}`) ?? NaN }];
}

function textIn(body: Body, name: string): string {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  return typeof value === 'string' ? value.trim() : '';
}

/** Undefined where nothing, or no number, was typed. A minus may be the typographer’s. */
function numberIn(body: Body, name: string): number | undefined {
  const text = textIn(body, name).replace('−', '-');
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined;
}
