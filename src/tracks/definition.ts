import { z } from 'zod';

import type { Kind } from '../alerts/kinds.ts';
import { Goal } from '../campaigns/definition/goals.ts';
import { messageClasses, Policy } from '../campaigns/definition/policy.ts';
import { answerable } from '../campaigns/definition/triggers.ts';
import { channelNames } from '../channels/channel.ts';
import { LONGEST_TAG } from '../segments/tags.ts';
import type { Rule } from '../rules/rules.ts';

/*
 * What a track is. Its steps are a list; branches and waits for something hold two lists of their own, after either of which the track goes on with
 * the step behind. So there are no loops, no loose ends, and nobody passes a step twice. Half of it may be missing while it is a draft (null, empty);
 * `trackChecks` tells what.
 */

/** Larger ones are refused: a person comes by every step one after the other. */
export const limits = { steps: 60, depth: 6, characters: 100_000 } as const;

/** Of rules only the form is looked at here; whether they can be asked, `trackChecks` tells. */
const AnyRule = z.custom<Rule>(
  (input) => z.record(z.string(), z.unknown()).safeParse(input).success,
  'tracks.errors.rule',
);
const Signal = z.enum(answerable as [Kind, ...Kind[]], 'tracks.errors.signal');
const Tag = z.string().trim().max(LONGEST_TAG, 'tracks.errors.tag');

/** What a step is known by, in every version of its track: letters, digits and hyphens. */
export const StepKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'tracks.errors.key');

const milliseconds = { minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const;
export const spanUnits = ['minutes', 'hours', 'days'] as const;

/** A while; a day is 24 hours. */
export const Span = z
  .strictObject({ amount: z.number().int().min(1, 'tracks.errors.span'), unit: z.enum(spanUnits) })
  .refine((span) => millisecondsOf(span) <= 400 * milliseconds.days, 'tracks.errors.span');
export type Span = z.infer<typeof Span>;

export const millisecondsOf = ({ amount, unit }: { amount: number; unit: (typeof spanUnits)[number] }) =>
  amount * milliseconds[unit];

/** Who enters by themselves. People may always be added by hand. */
export const Entry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hand') }),
  /** Another system names people, with a key of this track. */
  z.strictObject({ kind: z.literal('api') }),
  /** Whoever meets a rule about people: asked as soon as the track is active, then hourly. */
  z.strictObject({ kind: z.literal('rule'), rule: AnyRule.nullable() }),
  /** Whoever enters or leaves a smart list; of lists of accounts, all people of these. `includesPresent`: and who is in it when the track becomes active. */
  z.strictObject({
    kind: z.literal('segment'),
    segmentId: z.guid('tracks.errors.segment').nullable(),
    moment: z.enum(['entered', 'left']),
    includesPresent: z.boolean().default(false),
  }),
  /** To whom something happened, or all people of the account that it happened to. */
  z.strictObject({ kind: z.literal('signal'), signal: Signal.nullable() }),
  /** All people of accounts that get a tag, or lose it. */
  z.strictObject({ kind: z.literal('tag'), tag: Tag, act: z.enum(['added', 'removed']) }),
]);
export type Entry = z.infer<typeof Entry>;
export const entryKinds = [
  'hand',
  'rule',
  'segment',
  'signal',
  'tag',
  'api',
] as const satisfies readonly Entry['kind'][];

/** What somebody waits for. */
export const Awaited = z.discriminatedUnion('kind', [
  /** They come to meet a rule about people (which may ask about their account), or meet it already. */
  z.strictObject({ kind: z.literal('rule'), rule: AnyRule.nullable() }),
  /** Something happens, after they came to this step, to them or to their account. */
  z.strictObject({ kind: z.literal('signal'), signal: Signal.nullable() }),
  /** The task of an earlier step is done in Salesforce. */
  z.strictObject({ kind: z.literal('task'), step: StepKey.nullable() }),
  /** They open the message of an earlier step, or follow a link in it; machines do not count. */
  z.strictObject({
    kind: z.literal('message'),
    step: StepKey.nullable(),
    did: z.enum(['opened', 'clicked']),
  }),
]);
export type Awaited = z.infer<typeof Awaited>;

interface Keyed {
  key: string;
}
interface Arms {
  then: Step[];
  otherwise: Step[];
}
export type SendStep = Keyed & z.infer<z.ZodObject<typeof send>>;
export type WaitStep = Keyed & { kind: 'wait'; span: Span };
export type WaitUntilStep = Keyed & { kind: 'waitUntil'; time: string; weekdays: number[] };
export type WaitForStep = Keyed & Arms & { kind: 'waitFor'; awaited: Awaited; limit: Span };
export type BranchStep = Keyed & Arms & { kind: 'branch'; rule: Rule | null };
export type TagStep = Keyed & { kind: 'tag'; act: 'add' | 'remove'; tag: string };
export type TaskStep = Keyed & z.infer<z.ZodObject<typeof task>>;
export type ExitStep = Keyed & { kind: 'exit' };
export type Step =
  | SendStep | WaitStep | WaitUntilStep | WaitForStep | BranchStep | TagStep | TaskStep | ExitStep; // prettier-ignore
export type StepKind = Step['kind'];
export const stepKinds = [
  'send', 'wait', 'waitUntil', 'waitFor', 'branch', 'tag', 'task', 'exit',
] as const satisfies readonly StepKind[]; // prettier-ignore

const key = StepKey;
const send = {
  kind: z.literal('send'),
  channel: z.enum(channelNames),
  messageId: z.guid('tracks.errors.message').nullable(),
  /** Whose name it goes out under: the house's, or that of the account's success manager, who gets the answers. */
  sender: z.enum(['house', 'manager']).default('house'),
};
const task = {
  kind: z.literal('task'),
  /** The owner of the account, or its success manager. */
  assignee: z.enum(['owner', 'manager']),
  subject: z.string().trim().max(200),
  text: z.string().trim().max(5000).default(''),
  dueDays: z.number().int().min(0).max(365).default(3),
  /** `account`: one open task of this step for an account, however many of its people come by. */
  each: z.enum(['person', 'account']).default('person'),
};
const arms = { then: z.lazy(() => z.array(Step)), otherwise: z.lazy(() => z.array(Step)) };

/** One thing that a track does with somebody. */
export const Step: z.ZodType<Step> = z.discriminatedUnion('kind', [
  z.strictObject({ key, ...send }),
  z.strictObject({ key, kind: z.literal('wait'), span: Span }),
  /** The next time that it is this late where the person is, on one of these days (1 is Monday; none: any). */
  z.strictObject({
    key,
    kind: z.literal('waitUntil'),
    time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'tracks.errors.time'),
    weekdays: z.array(z.number().int().min(1).max(7)).max(7).default([]),
  }),
  /** `then` once it has come, `otherwise` when the time is over. */
  z.strictObject({ key, kind: z.literal('waitFor'), awaited: Awaited, limit: Span, ...arms }),
  /** `then` for whom the rule about people holds at this moment. */
  z.strictObject({ key, kind: z.literal('branch'), rule: AnyRule.nullable(), ...arms }),
  /** Of their account. */
  z.strictObject({ key, kind: z.literal('tag'), act: z.enum(['add', 'remove']), tag: Tag }),
  z.strictObject({ key, ...task }),
  z.strictObject({ key, kind: z.literal('exit') }),
]);

/** Caps, quiet hours, the share held out of all messages of the track, and how many failures hold a run. What else campaigns have is the track's own matter. */
export const TrackPolicy = Policy.pick({
  personCap: true,
  accountCap: true,
  waitDays: true,
  quietHours: true,
  holdoutPercent: true,
  failurePercent: true,
});
export type TrackPolicy = z.infer<typeof TrackPolicy>;

/** All that a version of a track says. */
export const TrackDefinition = z
  .strictObject({
    messageClass: z.enum(messageClasses),
    /** Whose consent every message needs; transactional ones need none. */
    topic: z.string().max(100).nullable().default(null),
    entry: Entry,
    /** Of those whom the entry brings, only who meets this rule about people. */
    who: AnyRule.nullable().default(null),
    /** Whether somebody may enter again: so many days after they left or came to the end. */
    again: z.union([z.literal('never'), z.number().int().min(1).max(730)]).default('never'),
    steps: z.array(Step).default([]),
    exits: z
      .strictObject({
        /** As soon as they reach the goal; who meets it already does not enter. */
        atGoal: z.boolean().default(false),
        /** As soon as this rule about people no longer holds. */
        while: AnyRule.nullable().default(null),
      })
      .prefault({}),
    goal: Goal.nullable().default(null),
    policy: TrackPolicy.prefault({}),
  })
  .superRefine(({ steps }, context) => {
    for (const { path, message } of misplaced(steps))
      context.addIssue({ code: 'custom', path: ['steps', ...path], message, input: steps });
  });
export type TrackDefinition = z.infer<typeof TrackDefinition>;

type Place = (string | number)[];

/** A step with where it stands: `[2, 'then', 0]`, and how deep. */
export interface Placed {
  step: Step;
  path: Place;
  depth: number;
}

/** All steps in reading order: each before its arms, these before what follows. */
export function everyStep(steps: readonly Step[], path: Place = [], depth = 1): Placed[] {
  return steps.flatMap((step, index) => {
    const here = [...path, index];
    const inner = hasArms(step)
      ? [
          ...everyStep(step.then, [...here, 'then'], depth + 1),
          ...everyStep(step.otherwise, [...here, 'otherwise'], depth + 1),
        ]
      : [];
    return [{ step, path: here, depth }, ...inner];
  });
}

export const hasArms = (step: Step): step is WaitForStep | BranchStep =>
  step.kind === 'waitFor' || step.kind === 'branch';

function misplaced(steps: readonly Step[]): { path: Place; message: string }[] {
  const all = everyStep(steps);
  if (all.length > limits.steps) return [{ path: [], message: 'tracks.errors.tooMany' }];
  const seen = new Set<string>();
  return all.flatMap(({ step, path, depth }) => {
    const isTwice = seen.has(step.key);
    seen.add(step.key);
    if (isTwice) return [{ path: [...path, 'key'], message: 'tracks.errors.keyTwice' }];
    return depth > limits.depth ? [{ path, message: 'tracks.errors.tooDeep' }] : [];
  });
}
