import { channelNames, type ChannelName, type Feature } from '../../channels/channel.ts';
import { channelOf, channelsAtHand } from '../../channels/channels.ts';
import { brandKit } from '../../content/brand-kit.ts';
import { limits, type MessageContent, reaches, tableObjects, type Variant } from '../../content/document.ts';
import { chainOf } from '../../content/locales.ts';
import { catalogs } from '../../content/merge-fields.ts';
import type { Message } from '../../content/messages.ts';
import { columnFields, mergeFields } from '../../content/picker.ts';
import { tableEntity } from '../../content/segment-table.ts';
import { fonts } from '../../content/templates/dressing.ts';
import { footerWords } from '../../content/templates/footer-words.ts';
import { localeNames, locales } from '../../platform/locale.ts';
import { translator } from '../../platform/words.ts';
import type { Catalog, Entity } from '../../rules/fields.ts';

import { type problemsTold, letterOf } from './message-preview.ts';
import { builderOf } from './rule-builder.ts';

const t = translator('en', 'console');

export const letters = [...Array(limits.variants).keys()].map(letterOf);

/** What the editor's scripts say. */
const words = [
  'saved', 'savedAt', 'saving', 'keeping', 'kept', 'notKept', 'unsaved', 'nothingNew', 'conflict', 'othersEdit', 'othersLook', 'newerVersion',
  'wrong', 'undone', 'redone', 'noUndo', 'noRedo', 'sourceOnly', 'notRead', 'layout', 'structure', 'selected', 'nothingSelected', 'moveUp',
  'moveDown', 'duplicate', 'remove', 'parent', 'editText', 'chooseImage', 'tableSettings', 'added', 'removed', 'moved', 'addLanguage',
  'addVariant', 'removeLanguage', 'removeVariant', 'fallsBack', 'noFallback', 'fallbackHint', 'noneFound', 'checksClean', 'errorsFound',
  'warningsFound', 'testSent', 'notTested', 'testing', 'previewFails', 'previewOf', 'previewNobody', 'uploading', 'uploaded', 'noImages', 'imageChosen',
  'noTables', 'tableInUse', 'totals', 'condition', 'keptCode', 'unsupported', 'weight', 'draftRestored', 'insertField', 'everybody', 'plainMade', 'plainOwn',
  'subject', 'body', 'text', 'preheader', 'column', 'heading', 'restoredLocal', 'size', 'select', 'leave', 'tableFor', 'tableForNone',
] as const; // prettier-ignore

const blocks = ['section', 'columns', 'title', 'text', 'button', 'image', 'divider', 'spacer', 'field', 'table', 'footer', 'condition', 'social'] as const; // prettier-ignore

/** What a block needs of a channel. */
const needs: Partial<Record<(typeof blocks)[number], Feature>> = {
  columns: 'columns', title: 'html', button: 'buttons', image: 'images', divider: 'html', spacer: 'html', table: 'tables', section: 'columns',
  footer: 'unsubscribe-header', social: 'images',
}; // prettier-ignore

const properties = [
  'text', 'href', 'src', 'alt', 'width', 'height', 'align', 'vertical-align', 'color', 'background-color', 'container-background-color', 'font-size',
  'line-height', 'font-weight', 'font-family', 'padding', 'inner-padding', 'border-radius', 'border-color', 'border-width', 'name', 'mode',
] as const; // prettier-ignore

const components = [
  'mj-body', 'mj-wrapper', 'mj-section', 'mj-group', 'mj-column', 'mj-text', 'mj-button', 'mj-image', 'mj-divider', 'mj-spacer', 'mj-hero', 'mj-social',
  'mj-social-element', 'mj-navbar', 'mj-kept', 'link', 'table',
] as const; // prettier-ignore

/** The channels that show text alone, and what they can do besides. */
export function textChannels(): { name: ChannelName; supports: readonly Feature[] }[] {
  const atHand = new Set(channelsAtHand());
  return channelNames
    .filter((name) => name !== 'email')
    .map((name) => ({ name, supports: atHand.has(name) ? [...channelOf(name).supports] : [] }));
}

interface Given {
  content: MessageContent;
  problems: ReturnType<typeof problemsTold>;
  part: Variant;
  draft: { base: number; draft: unknown; savedAt: Date } | undefined;
}

/** Everything that the editor's scripts begin with. */
export async function editorData(message: Message, { content, problems, part, draft }: Given) {
  const [fields, columns, kit] = await Promise.all([mergeFields(), columnsByObject(), brandKit()]);
  const channels = textChannels();
  return {
    id: message.id,
    base: message.version,
    name: message.name,
    description: message.description,
    content,
    draft,
    problems,
    at: { locale: part.locale, variant: part.variant },
    fields,
    columns,
    limits,
    objects: tableObjects.map((value) => ({ value, label: t(`messages.objects.${value}`) })),
    reaches: reaches.map((value) => ({ value, label: t(`messages.reaches.${value}`) })),
    locales: locales.map((code) => ({ code, name: localeNames[code], chain: chainOf(code) })),
    brand: {
      accent: kit.accent,
      page: kit.page,
      ink: kit.ink,
      font: fonts[kit.font],
      address: kit.address,
      logo: kit.logo,
    },
    footer: Object.fromEntries(
      locales.map((code) => [
        code,
        { preferences: footerWords[code].preferences, unsubscribe: footerWords[code].unsubscribe },
      ]),
    ),
    blocks: blocks.map((name) => ({
      name,
      label: t(`messages.blocks.${name}`),
      missing: content.format === 'text' ? channelsWithout(needs[name], channels) : [],
    })),
    properties: Object.fromEntries(properties.map((name) => [name, t(`messages.properties.${name}`)])),
    components: Object.fromEntries(components.map((name) => [name, t(`messages.components.${name}`)])),
    words: Object.fromEntries(words.map((name) => [name, t(`messages.editor.${name}`)])),
  };
}

/** The channels, in words, that cannot show something. */
const channelsWithout = (
  feature: Feature | undefined,
  channels: ReturnType<typeof textChannels>,
): string[] =>
  feature === undefined
    ? []
    : channels
        .filter(({ supports }) => !supports.includes(feature))
        .map(({ name }) => t(`campaigns.channels.${name}`));

async function columnsByObject() {
  const each = await Promise.all(
    tableObjects.map(async (of) => [of, await columnFields(tableEntity[of])] as const),
  );
  return Object.fromEntries(each);
}

/** The rule builders of the settings of a table, one for each object. */
export async function tableBuilders() {
  const { table } = await catalogs();
  return tableObjects.map((of) => ({
    of,
    builder: builderOf(ofEntity(table, tableEntity[of]), tableEntity[of]),
  }));
}

/* Accounts are asked about what belongs to them, too; the others about themselves. */
const ofEntity = (catalog: Catalog, entity: Entity): Catalog =>
  entity === 'account' ? catalog : new Map([...catalog].filter(([, field]) => field.entity === entity));
