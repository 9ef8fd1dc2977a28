import { z } from 'zod';

import { stepKinds } from '../../tracks/definition.ts';

import {
  type Draft,
  maybeDraft,
  kindAt,
  same,
  sameTyped,
  stepOf,
  stepsOf,
  typedAt,
  typedInto,
} from './track-draft.ts';
import {
  type Acted, addStep, duplicateStep, maybePlace, moveStep, type Place, placeName, placeOf, removeStep,
} from './track-draft-acts.ts'; // prettier-ignore

/** What an editor's form brings along from act to act: nothing of it is kept until it is saved. */
export interface EditorState {
  draft: Draft;
  /** Earlier drafts, the latest last; and those that were undone, the next one last. */
  past: Draft[];
  future: Draft[];
  /** Whose form is open: a step's key, `entry` or `leave`. */
  selected: string;
  /** Where a step is being added; then its kinds are offered instead of a form. */
  place: Place | undefined;
  /** What was done, for who does not see it: a word of `tracks.editor.said`, and the step it was done to. */
  said: { word: string; id: string } | undefined;
}

/** A page that opens: nothing was done yet. */
export const openedAt = (draft: Draft, selected = 'entry'): EditorState => ({
  draft,
  past: [],
  future: [],
  selected: typedAt(draft, selected) === undefined ? 'entry' : selected,
  place: undefined,
  said: undefined,
});

/** Characters of them that go along in a form at most, of which a form takes 256 kB as it is sent: the oldest drafts are forgotten first. */
const MOST_PAST = 40_000;
const MOST_FUTURE = 20_000;

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'errors.invalid' });
    return z.NEVER;
  }
});
const remembered = json.pipe(z.array(z.unknown()).max(200)).catch([]);
const Sent = z.object({
  draft: json.catch(undefined),
  past: remembered,
  future: remembered,
  selected: z.string().max(40).catch('entry'),
  /** Whose fields the form has: nobody's while a kind is being chosen. */
  form: z.string().max(40).catch(''),
  act: z.string().max(120).catch('show'),
});

/**
 * The editor after what a form asks for: what was typed into the open form is part of the draft from now on, whatever the act.
 * @param saved the track as it is kept, for a form that brought no draft that can be read
 */
export function stateAfter(body: unknown, saved: Draft): EditorState {
  const sent = Sent.parse(body ?? {});
  const draft = maybeDraft(sent.draft) ?? saved;
  const typed = typedInto(draft, sent.form, (body ?? {}) as Record<string, unknown>);
  const drafts = (list: unknown[]) => list.map(maybeDraft).filter((one) => one !== undefined);
  const before: EditorState = {
    ...openedAt(draft, sent.selected), past: drafts(sent.past), future: drafts(sent.future),
  }; // prettier-ignore
  return trimmed(actOn(changedTo(before, typed), sent.act));
}

/** The draft becomes another one; the one before can be come back to. */
function changedTo(state: EditorState, draft: Draft): EditorState {
  if (same(state.draft, draft)) return state;
  return { ...state, draft, past: [...state.past, state.draft], future: [] };
}

function actOn(state: EditorState, act: string): EditorState {
  const [verb = '', about = '', where = ''] = act.split(':');
  const look = looks[verb];
  if (look !== undefined) return look(state, about);
  const word = words[verb];
  const done = acts[verb]?.(state.draft, about, where);
  if (word === undefined || done === undefined) return state;
  return { ...changedTo(state, done.draft), selected: done.id, said: { word, id: done.id } };
}

/** Acts that change no draft by themselves: what is looked at, and which of the drafts there were. */
const looks: Record<string, (state: EditorState, about: string) => EditorState> = {
  undo: (state) => undone(state),
  redo: (state) => redone(state),
  select: (state, id) => ({ ...state, selected: typedAt(state.draft, id) === undefined ? 'entry' : id }),
  at: (state, name) => ({ ...state, place: maybePlace(name) }),
  behind: (state, id) => ({ ...state, place: placeBehind(state.draft, id) }),
};

const words: Record<string, string> = {
  add: 'added', remove: 'removed', duplicate: 'duplicated', up: 'moved', down: 'moved',
}; // prettier-ignore

const acts: Record<string, (draft: Draft, about: string, where: string) => Acted | undefined> = {
  add: (draft, about, where) => {
    const kind = stepKinds.find((one) => one === about);
    const place = maybePlace(where);
    if (kind === undefined || place === undefined) return undefined;
    return addStep(draft, kind, place);
  },
  remove: removeStep,
  duplicate: duplicateStep,
  up: (draft, about) => moveStep(draft, about, -1),
  down: (draft, about) => moveStep(draft, about, 1),
};

function placeBehind(draft: Draft, id: string): Place | undefined {
  if (stepOf(draft, id) === undefined) return { of: undefined, index: 0 };
  const place = placeOf(draft, id);
  return place && { ...place, index: place.index + 1 };
}

function undone(state: EditorState): EditorState {
  const before = state.past.at(-1);
  if (before === undefined) return state;
  return arrived(
    { ...state, draft: before, past: state.past.slice(0, -1), future: [...state.future, state.draft] },
    'undone',
    state.draft,
  );
}

function redone(state: EditorState): EditorState {
  const next = state.future.at(-1);
  if (next === undefined) return state;
  return arrived(
    { ...state, draft: next, past: [...state.past, state.draft], future: state.future.slice(0, -1) },
    'redone',
    state.draft,
  );
}

/** Opens what is other than before. */
function arrived(state: EditorState, word: string, before: Draft): EditorState {
  const { draft } = state;
  const places = ['entry', 'leave', ...idsOf(draft)];
  const other = places.find((id) => {
    const [here, there] = [typedAt(draft, id), typedAt(before, id)];
    return here === undefined || there === undefined || !sameTyped(kindAt(draft, id), here, there);
  });
  const moved = idsOf(draft).find((id) => {
    const [here, there] = [placeOf(draft, id), placeOf(before, id)];
    return here === undefined || there === undefined || placeName(here) !== placeName(there);
  });
  const kept = typedAt(draft, state.selected) === undefined ? 'entry' : state.selected;
  const selected = other ?? moved ?? kept;
  return { ...state, selected, said: { word, id: selected } };
}

const idsOf = (draft: Draft): string[] => stepsOf(draft.steps).map(({ id }) => id);

function trimmed(state: EditorState): EditorState {
  const sizeOf = (drafts: Draft[]) => JSON.stringify(drafts).length;
  let { past, future } = state;
  while (past.length > 0 && sizeOf(past) > MOST_PAST) past = past.slice(1);
  while (future.length > 0 && sizeOf(future) > MOST_FUTURE) future = future.slice(1);
  return { ...state, past, future };
}
