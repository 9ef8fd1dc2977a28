import type { Request, Response } from 'express';
import { z } from 'zod';

import { flash } from '../../platform/http/flash.ts';
import { showErrors } from '../../platform/http/forms.ts';
import { uuidOf } from '../../platform/http/parse.ts';
import { translator } from '../../platform/words.ts';
import type { Catalog } from '../../rules/fields.ts';
import { wholeCatalog } from '../../segments/catalog.ts';
import { type StepKind, stepKinds, TrackDefinition } from '../../tracks/definition.ts';
import { problemsOf } from '../../tracks/problems.ts';
import { changeTrack, type ShownTrack } from '../../tracks/tracks.ts';
import { type Route, route, staffViewerOf } from '../guards.ts';

import { type Draft, type Edge, same, stepOf, stepsOf, type Typed, typedAt } from './track-draft.ts';
import { mayMove, placeName } from './track-draft-acts.ts';
import { draftOf, partsOf } from './track-draft-form.ts';
import { errorsOf, note, type Wrong } from './track-editor-errors.ts';
import { optionsFor } from './track-editor-options.ts';
import { type EditorState, openedAt, stateAfter } from './track-editor-state.ts';
import { flowOf, type Problem, type Problems } from './track-flow.ts';
import { presets } from './track-presets.ts';
import { aTrack, editors, page, trackPage, unlessConflict } from './track-page.ts';
import { namesFor, placeTold } from './track-told.ts';

const t = translator('en', 'console');

/**
 * The editor of a track: a drawing of its steps, and the form of the one that is open. Every act is a form that is sent and comes back
 * changed, with all that was typed; nothing is kept until it is saved.
 */
export const trackEditorRoutes: Route[] = [
  route('get', `${page}/:id/edit`, editors(aTrack), showEditor),
  route('post', `${page}/:id/edit`, editors(aTrack), unlessConflict(save)),
  route('post', `${page}/:id/edit/drafts`, editors(aTrack), act),
];

const Asked = z.object({ step: z.string().max(40).optional().catch(undefined) });

async function showEditor(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const { step } = Asked.parse(req.query);
  await render(req, res, { shown, state: openedAt(draftOf(shown.track.definition), step) });
}

/** One act on the draft: adds, moves, removes, copies, takes back, opens. */
async function act(req: Request, res: Response): Promise<void> {
  const shown = await trackPage(staffViewerOf(req), uuidOf(req.params.id));
  await render(req, res, { shown, state: stateAfter(req.body, draftOf(shown.track.definition)) });
}

const Revision = z.object({ revision: z.string().max(100).catch('') });

/** Keeps the draft. What cannot be taken comes back as it was typed, each error at its step. */
async function save(req: Request, res: Response): Promise<void> {
  const viewer = staffViewerOf(req);
  const shown = await trackPage(viewer, uuidOf(req.params.id));
  const { track } = shown;
  const state = stateAfter(req.body, draftOf(track.definition));
  const { definition, wrong } = read(state.draft, track, await wholeCatalog());
  if (Revision.parse(req.body ?? {}).revision !== revisionOf(track))
    note(wrong, { id: '', field: 'form', key: 'tracks.editor.changedMeanwhile' });
  if (definition === undefined || wrong.size > 0) {
    res.status(422);
    await render(req, res, { shown, state: atError(state, wrong), wrong });
    return;
  }
  await changeTrack(viewer, track.id, { definition });
  flash(res, 'tracks.editor.kept');
  res.redirect(303, `${page}/${track.id}/edit?step=${state.selected}`);
}

/** Whether somebody else saved the track since a form was opened. */
const revisionOf = ({ changedAt }: ShownTrack): string => changedAt.toISOString();

/** The definition that a draft says, with what the editor does not change; undefined where it cannot be taken. */
function read(draft: Draft, { definition }: ShownTrack, catalog: Catalog) {
  const { parts, wrong } = partsOf(draft, catalog);
  const checked = TrackDefinition.safeParse({ ...definition, ...parts });
  const all: Wrong = checked.success ? new Map<string, Typed>() : errorsOf(checked.error.issues, draft);
  for (const [id, fields] of wrong) all.set(id, { ...fields, ...all.get(id) });
  return { definition: checked.data, wrong: all };
}

/** Opens the first step at which something is wrong, unless it is the open one. */
function atError(state: EditorState, wrong: Wrong): EditorState {
  const open = { ...state, place: undefined };
  if (wrong.has(state.selected)) return open;
  const first = [...wrong.keys()].find((id) => typedAt(state.draft, id) !== undefined);
  return { ...open, selected: first ?? state.selected };
}

interface Rendered {
  shown: Awaited<ReturnType<typeof trackPage>>;
  state: EditorState;
  wrong?: Wrong;
}

async function render(
  req: Request,
  res: Response,
  { shown, state, wrong = new Map<string, Typed>() }: Rendered,
): Promise<void> {
  const viewer = staffViewerOf(req);
  const { track } = shown;
  const names = await namesFor(viewer, [state.draft]);
  const { definition } = read(state.draft, track, names.catalog);
  const flow = flowOf(state.draft, names, marked(wrong, definition));
  const panel = panelOf(state);
  const status = res.statusCode;
  showErrors(res, panel.typed, wrong.get(state.selected) ?? {});
  res.status(status).render('console/tracks/edit', {
    ...shown, flow, panel, kinds: stepKinds, draftsAt: `${page}/${track.id}/edit/drafts`, revision: revisionOf(track),
    state: shownState(state), isChanged: !same(state.draft, draftOf(track.definition)),
    wrongList: listed(wrong, state), said: saidOf(state), words,
    options: await optionsFor(viewer, { kind: panel.kind, draft: state.draft, id: state.selected, typed: panel.typed, names }),
  }); // prettier-ignore
}

const words = { failed: t('tracks.editor.failed'), restored: t('tracks.editor.restored') };

/** What is marked in the drawing: what cannot be saved, else what is missing for an approval. */
function marked(wrong: Wrong, definition: TrackDefinition | undefined): Problems {
  const marks = new Map<string, Problem>();
  for (const { code, key } of definition === undefined ? [] : problemsOf(definition).toReversed())
    marks.set(key ?? placesOf[code] ?? '', { key: `tracks.problems.${code}`, isWrong: false });
  for (const [id, fields] of wrong)
    marks.set(id, { key: Object.values(fields)[0] ?? 'errors.invalid', isWrong: true });
  return marks;
}

const placesOf: Record<string, string> = { entry: 'entry', who: 'entry', goal: 'leave', while: 'leave' };

function shownState(state: EditorState) {
  const { draft, past, future, selected, place } = state;
  return {
    selected, place, placeName: place && placeName(place), mayUndo: past.length > 0, mayRedo: future.length > 0,
    json: { draft: JSON.stringify(draft), past: JSON.stringify(past), future: JSON.stringify(future) },
  }; // prettier-ignore
}

/** The form beside the drawing: of a step, or of who comes in and goes out. */
function panelOf({ draft, selected }: EditorState) {
  const step = stepOf(draft, selected);
  const kind: StepKind | Edge = step?.kind ?? (selected === 'leave' ? 'leave' : 'entry');
  return {
    kind,
    step: step?.id,
    name: placeTold(draft, selected),
    typed: { ...presets[kind], ...typedAt(draft, selected) },
    mayUp: mayMove(draft, selected, -1),
    mayDown: mayMove(draft, selected, 1),
  };
}

/** All that is wrong, in the order of the drawing. */
function listed(wrong: Wrong, { draft, selected }: EditorState) {
  const order = ['', 'entry', 'leave', ...stepsOf(draft.steps).map(({ id }) => id)];
  return order.flatMap((id) =>
    Object.entries(wrong.get(id) ?? {}).map(([field, key]) => ({
      id, field, key, name: id === '' ? '' : placeTold(draft, id), isOpen: id === selected,
    })),
  ); // prettier-ignore
}

/** What was done, for who listens: “3. Wait was added, 3 of 7”. */
function saidOf({ said, draft }: EditorState): string {
  if (said === undefined) return '';
  const total = stepsOf(draft.steps).length;
  return t(`tracks.editor.said.${said.word}`, { step: placeTold(draft, said.id), total });
}
