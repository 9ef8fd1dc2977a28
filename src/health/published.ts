import { type Profile, profiles } from './profiles.ts';
import { type Component, components, kindOf } from './readings.ts';
import type { Condition, Indicator } from './settings.ts';

/** A profile as whoever is judged by it may read it: its indicators by component, the primary ones first (HE9, HE19, HE20). */
export interface PublishedProfile extends Pick<Profile, 'id' | 'name' | 'version' | 'appliesTo'> {
  shift: number;
  flags: { name: string; conditions: (Condition & { unit: string })[] }[];
  components: { component: Component; indicators: PublishedIndicator[] }[];
}

export interface PublishedIndicator extends Indicator {
  unit: string;
  /** Of the weights of its kind, 0–1. */
  share: number;
}

/** The profiles that judge now, in order; the default comes last. */
export async function publishedProfiles(): Promise<PublishedProfile[]> {
  return (await profiles()).filter(({ isEnabled }) => isEnabled).map(published);
}

export function published({ id, name, version, appliesTo, settings }: Profile): PublishedProfile {
  const { indicators, flags, shift } = settings;
  const total = (kind: Indicator['kind']) =>
    indicators.filter((one) => one.kind === kind).reduce((sum, { weight }) => sum + weight, 0);
  const all = indicators.map((one) => ({
    ...one,
    unit: kindOf(one.reading).unit,
    share: one.weight / total(one.kind),
  }));
  const grouped = components.map((component) => ({
    component,
    indicators: all
      .filter(({ reading }) => kindOf(reading).component === component)
      .toSorted((one, other) => one.kind.localeCompare(other.kind) || other.weight - one.weight),
  }));
  return {
    id, name, version, appliesTo, shift, components: grouped.filter((one) => one.indicators.length > 0),
    flags: flags.map(({ name, conditions }) => ({ name, conditions: conditions.map((one) => ({ ...one, unit: kindOf(one.reading).unit })) })),
  }; // prettier-ignore
}
