import type { z } from 'zod';

import type { TrackDefinition } from '../definition.ts';

import type { Fact } from './facts.ts';
import type { MessageCode } from './words/words.ts';

export const lifecyclePhases = ['signup', 'onboarding', 'mature'] as const;
export type LifecyclePhase = (typeof lifecyclePhases)[number];

/** What somebody may set before a track is made of a template. */
export interface LifecycleParameter {
  name: string;
  label: string;
  hint?: string;
  kind: 'text' | 'number' | 'link';
  /** What stands there first: itself, or what the data say. */
  value: number | string | { from: Fact };
  /** Of a number. */
  least?: number;
  most?: number;
  /** Without it, the track asks for nothing of the kind. */
  isOptional?: true;
}

/** What the parameters are set to. */
export interface Given {
  text: (name: string) => string;
  number: (name: string) => number;
}

/** Words of a message with what stands in the place of `[[module]]` and the like; the id of the message that is made of them. */
export type Say = (code: MessageCode, fill?: Readonly<Record<string, string>>) => string | null;

/** One of the twenty lifecycle cases: whom it is for, and what is done. */
export interface LifecycleTemplate {
  /** LM1 to LM20. */
  code: string;
  phase: LifecyclePhase;
  name: string;
  /** What it does, in a sentence. */
  summary: string;
  parameters: readonly LifecycleParameter[];
  make: (given: Given, say: Say) => z.input<typeof TrackDefinition>;
}
