import { describe, expect, test } from 'vitest';

import { catalogOf } from '../../../src/rules/fields.ts';
import { TrackDefinition } from '../../../src/tracks/definition.ts';
import type { Draft, DraftStep } from '../../../src/web/console/track-draft.ts';
import { moveStep } from '../../../src/web/console/track-draft-acts.ts';
import { draftOf, partsOf } from '../../../src/web/console/track-draft-form.ts';
import { openedAt, stateAfter } from '../../../src/web/console/track-editor-state.ts';

/* What the editor of tracks does with a draft, without any page around it. */

const step = (
  id: string,
  kind: DraftStep['kind'] = 'wait',
  arms?: [DraftStep[], DraftStep[]],
): DraftStep => ({
  id,
  kind,
  typed: {},
  ...(arms === undefined ? {} : { then: arms[0], otherwise: arms[1] }),
});

const drafted = (...steps: DraftStep[]): Draft => ({ entry: {}, leave: {}, steps });

/** The order of a draft's steps as one line: `a b(c|d) e`. */
const line = ({ steps }: Pick<Draft, 'steps'>): string =>
  steps
    .map(({ id, then, otherwise }) =>
      then === undefined ? id : `${id}(${line({ steps: then })}|${line({ steps: otherwise ?? [] })})`,
    )
    .join(' ');

const branched = drafted(step('a'), step('b', 'branch', [[step('c')], [step('d')]]), step('e'));

describe('a step is moved in reading order', () => {
  test('down: into the first arm, from there into the other, and out behind the branch', () => {
    let draft = branched;
    const seen: string[] = [];
    for (let moved = moveStep(draft, 'a', 1); moved !== undefined; moved = moveStep(draft, 'a', 1)) {
      draft = moved.draft;
      seen.push(line(draft));
    }
    expect(seen).toEqual([
      'b(a c|d) e',
      'b(c a|d) e',
      'b(c|a d) e',
      'b(c|d a) e',
      'b(c|d) a e',
      'b(c|d) e a',
    ]);
  });

  test('up: the same way back', () => {
    let draft = drafted(step('b', 'branch', [[step('c')], [step('d')]]), step('a'));
    const seen: string[] = [];
    for (let moved = moveStep(draft, 'a', -1); moved !== undefined; moved = moveStep(draft, 'a', -1)) {
      draft = moved.draft;
      seen.push(line(draft));
    }
    expect(seen).toEqual(['b(c|d a)', 'b(c|a d)', 'b(c a|d)', 'b(a c|d)', 'a b(c|d)']);
  });
});

/** The fields that a page of the editor would send. */
function sentBy(state: ReturnType<typeof openedAt>, act: string, typed: Record<string, unknown> = {}) {
  const { draft, past, future, selected, place } = state;
  const fields = { draft: JSON.stringify(draft), past: JSON.stringify(past), future: JSON.stringify(future) };
  return { ...fields, selected, form: place === undefined ? selected : '', act, ...typed };
}

describe('an act of the editor', () => {
  test('keeps what was typed at the open step, whatever it is, and can be taken back and done again', () => {
    let state = openedAt(branched, 'a');
    state = stateAfter(sentBy(state, 'select:e', { amount: 'soon', unit: 'days' }), branched);
    expect([state.selected, state.draft.steps[0]?.typed.amount]).toEqual(['e', 'soon']);
    state = stateAfter(sentBy(state, 'remove:b'), branched);
    expect([line(state.draft), state.selected]).toEqual(['a e', 'e']);
    state = stateAfter(sentBy(state, 'undo'), branched);
    expect(line(state.draft)).toBe('a b(c|d) e');
    state = stateAfter(sentBy(state, 'undo'), branched);
    expect(state.draft).toEqual(branched);
    state = stateAfter(sentBy(state, 'redo'), branched);
    state = stateAfter(sentBy(state, 'redo'), branched);
    expect([line(state.draft), state.draft.steps[0]?.typed.amount]).toEqual(['a e', 'soon']);
    expect(stateAfter(sentBy(state, 'redo'), branched).draft).toEqual(state.draft);
  });

  test('adds a step, and copies one with all that is in its arms under names of their own', () => {
    const added = stateAfter(sentBy(openedAt(branched), 'add:waitUntil:b.otherwise.1'), branched);
    expect([line(added.draft), added.selected]).toEqual(['a b(c|d s1) e', 's1']);
    const copied = stateAfter(sentBy(added, 'duplicate:b'), branched);
    expect(line(copied.draft)).toBe('a b(c|d s1) s2(s3|s4 s5) e');
  });

  test('passes over what no page of ours would send, and keeps the draft', () => {
    for (const act of ['add:nothing:0', 'add:wait:99', 'add:wait:zz.then.0', 'remove:zz', 'up:a', 'x', ''])
      expect(stateAfter(sentBy(openedAt(branched), act), branched).draft, act).toEqual(branched);
    for (const draft of ['{', '[]', 'null', '{"steps":[{}]}', JSON.stringify(drafted(step('a'), step('a')))])
      expect(stateAfter({ draft, act: 'show' }, branched).draft).toEqual(branched);
  });

  test('says a rule that the browser merely wrote otherwise is no change', () => {
    const rule = { field: 'person.email', op: 'known' };
    const saved = drafted({ ...step('a', 'branch', [[], []]), typed: { rule: JSON.stringify(rule) } });
    const typed = { rule: JSON.stringify({ all: [rule] }, undefined, 2) };
    expect(stateAfter(sentBy(openedAt(saved, 'a'), 'show', typed), saved).past).toEqual([]);
  });
});

test('a definition comes out of the editor as it went in', () => {
  const rule = { all: [] };
  const definition = TrackDefinition.parse({
    messageClass: 'success',
    entry: { kind: 'segment', segmentId: null, moment: 'left', includesPresent: true },
    again: 30,
    exits: { atGoal: true },
    steps: [
      { key: 'hello', kind: 'send', channel: 'chat', messageId: null, sender: 'manager' },
      { key: 's2', kind: 'waitFor', awaited: { kind: 'message', step: 'hello', did: 'opened' }, limit: { amount: 6, unit: 'hours' },
        then: [{ key: 's3', kind: 'tag', act: 'remove', tag: 'cold' }],
        otherwise: [{ key: 's4', kind: 'branch', rule: null, then: [{ key: 's5', kind: 'exit' }], otherwise: [] }] },
      { key: 's6', kind: 'task', assignee: 'owner', subject: 'Call', text: 'Ask\nhow', dueDays: 0, each: 'account' },
      { key: 's7', kind: 'waitFor', awaited: { kind: 'task', step: 's6' }, limit: { amount: 3, unit: 'days' }, then: [], otherwise: [] },
      { key: 's8', kind: 'waitUntil', time: '08:30', weekdays: [1, 7] },
      { key: 's9', kind: 'wait', span: { amount: 2, unit: 'days' } },
      { key: 's10', kind: 'waitFor', awaited: { kind: 'signal', signal: null }, limit: { amount: 3, unit: 'days' }, then: [], otherwise: [] },
    ],
  }); // prettier-ignore
  const { parts, wrong } = partsOf(draftOf(definition), catalogOf([]));
  expect(wrong.size).toBe(0);
  expect(TrackDefinition.parse({ ...definition, ...parts })).toEqual(definition);
  expect(JSON.stringify(rule)).toBe(draftOf(definition).entry.rule);
});
