import type { StaffViewer } from '../../access/viewer.ts';
import { answerable } from '../../campaigns/definition/triggers.ts';
import { channelsAtHand } from '../../channels/channels.ts';
import { messagesSeenBy } from '../../content/messages.ts';
import { translator } from '../../platform/words.ts';
import { segmentsSeenBy } from '../../segments/segments.ts';
import { tagNames } from '../../segments/tags.ts';
import { entryKinds, spanUnits, type StepKind } from '../../tracks/definition.ts';

import { builderOf } from './rule-builder.ts';
import { type Draft, type Edge, fieldsOf, stepsOf, type Typed } from './track-draft.ts';
import { type Names, placeTold, signalTold } from './track-told.ts';

const t = translator('en', 'console');

interface Open {
  kind: StepKind | Edge;
  draft: Draft;
  id: string;
  typed: Typed;
  names: Names;
}

interface Option {
  value: string;
  label: string;
}

/** What can be chosen in the form of a step; only what that form asks for is looked up. */
export async function optionsFor(viewer: StaffViewer, open: Open) {
  const { kind, typed, names } = open;
  const asks = (field: string) => fieldsOf[kind].includes(field);
  return {
    entryKinds,
    messages: asks('messageId') ? await messagesFor(viewer, typed.messageId ?? '') : [],
    segments: asks('segmentId') ? await segmentsFor(viewer, typed.segmentId ?? '') : [],
    tags: asks('tag') ? await tagNames(viewer) : [],
    builder: asks('rule') ? builderOf(names.catalog, 'person') : undefined,
    signals: answerable.map((value) => ({ value, label: signalTold(value) })),
    channels: channelsAtHand().map((value) => ({ value, label: t(`campaigns.channels.${value}`) })),
    units: spanUnits.map((value) => ({ value, label: t(`tracks.units.${value}`) })),
    messageSteps: earlier(open, 'send'),
    taskSteps: earlier(open, 'task'),
  };
}

async function messagesFor(viewer: StaffViewer, chosen: string): Promise<Option[]> {
  const messages = (await messagesSeenBy(viewer)).filter(
    ({ id, kind }) => kind === 'message' || id === chosen,
  );
  return withChosen(
    messages.map(({ id, name }) => ({ value: id, label: name })),
    chosen,
    'tracks.says.goneMessage',
  );
}

async function segmentsFor(viewer: StaffViewer, chosen: string): Promise<Option[]> {
  const lists = (await segmentsSeenBy(viewer)).filter(({ id, isShared }) => isShared || id === chosen);
  return withChosen(
    lists.map(({ id, name }) => ({ value: id, label: name })),
    chosen,
    'tracks.says.goneList',
  );
}

/** What was chosen and is there no longer stays chosen until somebody chooses anew. */
const withChosen = (options: Option[], chosen: string, gone: string): Option[] =>
  chosen === '' || options.some(({ value }) => value === chosen)
    ? options
    : [...options, { value: chosen, label: t(gone) }];

/** Steps of a kind that come before the open one, in reading order. */
function earlier({ draft, id }: Open, kind: StepKind): Option[] {
  const all = stepsOf(draft.steps);
  const here = all.findIndex((step) => step.id === id);
  return all
    .slice(0, Math.max(0, here))
    .filter((step) => step.kind === kind)
    .map((step) => ({ value: step.id, label: placeTold(draft, step.id) }));
}
