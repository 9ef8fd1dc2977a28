import { z } from 'zod';

import { hasRole, type Viewer } from '../access/viewer.ts';
import { brandColors } from '../platform/brand.ts';
import { now } from '../platform/clock.ts';
import { config } from '../platform/config.ts';
import { transaction } from '../platform/db.ts';
import { Forbidden, Invalid } from '../platform/errors.ts';

import * as queries from './brand-kit.queries.ts';
import { build } from './build.ts';
import { imageSeenBy } from './images.ts';
import { insertNextVersion } from './messages.queries.ts';
import { fonts, type Look, plainLook } from './templates/dressing.ts';
import { templatesIn } from './templates/templates.ts';

const colour = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^#[0-9a-f]{6}$/, 'messages.brand.errors.colour');

/** What an admin decides about how messages look. */
export const BrandKit = z.object({
  accent: colour,
  page: colour,
  ink: colour,
  font: z.enum(Object.keys(fonts) as [keyof typeof fonts]),
  /** Of the library of images; its address stays the same for ever. */
  logo: z
    .object({ url: z.url({ protocol: /^https?$/ }).max(500), width: z.int().min(16).max(528) })
    .nullable(),
  /** The postal address that laws ask for, and whatever else stands under each message. */
  address: z
    .string()
    .trim()
    .max(500)
    .refine((text) => text.split('\n').length <= 8, 'messages.brand.errors.lines')
    .refine((text) => !/\{[{%]/.test(text), 'messages.brand.errors.fields'),
});
export type BrandKit = z.infer<typeof BrandKit>;

/** The kit as it is, or as it follows from the settings while nobody has decided anything. */
export async function brandKit(): Promise<BrandKit & { changedAt?: Date; changedByName?: string | null }> {
  const kept = await queries.selectKit();
  if (kept !== undefined)
    return { ...kept.kit, changedAt: kept.changedAt, changedByName: kept.changedByName };
  return plainKit();
}

function plainKit(): BrandKit {
  const { page, ink } = plainLook();
  return { accent: config.BRAND_COLOR.toLowerCase(), page, ink, font: 'system', logo: null, address: '' };
}

const lookOf = ({ accent, page, ink, font, logo, address }: BrandKit): Look => ({
  accent: brandColors(accent),
  page,
  ink,
  font: fonts[font],
  logo: logo ?? undefined,
  address,
});

/** How new messages of the brand look. */
export async function lookOfBrand(): Promise<Look> {
  return lookOf(await brandKit());
}

/** How they looked before, the latest first. */
export async function formerLooks(): Promise<Look[]> {
  return (await queries.selectFormer()).map(lookOf);
}

/**
 * Decides how messages look from now on: new ones, and those delivered templates that nobody has changed. What is written already stays as
 * it is until somebody has it dressed anew (redressing.ts). @returns how many templates were made anew @throws Forbidden for everybody but admins; Invalid
 */
export async function changeBrandKit(viewer: Viewer, kit: BrandKit): Promise<number> {
  if (viewer.kind !== 'staff' || !hasRole(viewer, 'admin')) throw new Forbidden();
  if (contrastOf(kit.ink, '#ffffff') < ENOUGH) throw new Invalid({ ink: 'messages.brand.errors.contrast' });
  await queries.upsertKit(kit, plainKit(), viewer.personId, now());
  return await dressTemplates(lookOf(kit));
}

/** What WCAG 2.2 AA asks of text; messages stand on white. */
const ENOUGH = 4.5;

function contrastOf(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const value = Number.parseInt(color.slice(1), 16);
  const [red = 0, green = 0, blue = 0] = [value >> 16, (value >> 8) & 255, value & 255].map((part) =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Makes the delivered templates that nobody has changed anew, in this look. */
async function dressTemplates(look: Look): Promise<number> {
  const untouched = await queries.selectUntouched();
  let count = 0;
  for (const { code, name, description, content } of templatesIn(look)) {
    const known = untouched.find((each) => each.code === code);
    if (known === undefined) continue;
    const made = await build(content);
    const draft = {
      id: known.id,
      base: known.version,
      name,
      description,
      content,
      ...made,
      personId: null,
      now: now(),
    };
    count += (await transaction((tx) => insertNextVersion(tx, draft))) === undefined ? 0 : 1;
  }
  return count;
}

/** The picture of the library that is to be the logo. @throws NotFound, Forbidden */
export async function logoOf(viewer: Viewer, imageId: string): Promise<{ url: string; width: number }> {
  const { url, width } = await imageSeenBy(viewer, imageId);
  return { url, width };
}
