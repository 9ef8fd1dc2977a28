import { type Awaited, type Entry, everyStep, type Step, type TrackDefinition } from './definition.ts';

/** What can be missing of a track: words `tracks.problems.<code>`. */
export const problemCodes = [
  'steps', 'entry', 'topic', 'content', 'content_errors', 'rule', 'signal', 'tag', 'task', 'reference', 'goal', 'who', 'while',
] as const; // prettier-ignore
export type ProblemCode = (typeof problemCodes)[number];

/** Something without which a track cannot go; `key`: the step that it is about. */
export interface TrackProblem {
  code: ProblemCode;
  key?: string;
}

/** What is missing, as far as the definition itself tells. */
export function problemsOf(definition: TrackDefinition): TrackProblem[] {
  const { steps, entry, topic, messageClass, exits, goal } = definition;
  const all = everyStep(steps).map(({ step }) => step);
  return [
    ...when(!all.some(({ kind }) => kind !== 'exit'), { code: 'steps' }),
    ...when(!isWhole(entry), { code: 'entry' }),
    ...when(topic === null && messageClass !== 'transactional' && all.some(({ kind }) => kind === 'send'), {
      code: 'topic',
    }),
    ...when(exits.atGoal && goal === null, { code: 'goal' }),
    ...all.flatMap((step, place) =>
      problemOf(step, all.slice(0, place)).map((code) => ({ code, key: step.key })),
    ),
  ];
}

const when = (isSo: boolean, problem: TrackProblem): TrackProblem[] => (isSo ? [problem] : []);

function isWhole(entry: Entry): boolean {
  switch (entry.kind) {
    case 'rule':
      return entry.rule !== null;
    case 'segment':
      return entry.segmentId !== null;
    case 'signal':
      return entry.signal !== null;
    case 'tag':
      return entry.tag !== '';
    default:
      return true;
  }
}

function problemOf(step: Step, before: readonly Step[]): ProblemCode[] {
  switch (step.kind) {
    case 'send':
      return step.messageId === null ? ['content'] : [];
    case 'branch':
      return step.rule === null ? ['rule'] : [];
    case 'waitFor':
      return awaitedProblem(step.awaited, before);
    case 'tag':
      return step.tag === '' ? ['tag'] : [];
    case 'task':
      return step.subject === '' ? ['task'] : [];
    default:
      return [];
  }
}

/** What is waited for of a step is one that comes before. */
function awaitedProblem(awaited: Awaited, before: readonly Step[]): ProblemCode[] {
  switch (awaited.kind) {
    case 'rule':
      return awaited.rule === null ? ['rule'] : [];
    case 'signal':
      return awaited.signal === null ? ['signal'] : [];
    default: {
      const kind = awaited.kind === 'task' ? 'task' : 'send';
      return before.some((step) => step.kind === kind && step.key === awaited.step) ? [] : ['reference'];
    }
  }
}
