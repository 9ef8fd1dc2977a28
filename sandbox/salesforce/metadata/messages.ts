import type { Context } from '../context.ts';
import type { Position } from './positions.ts';
import type { Applied } from './store.ts';

/** What became of one component, in the words of a deploy result. */
export interface DeployMessage {
  changed: boolean;
  columnNumber?: number;
  componentType: string;
  created: boolean;
  createdDate: string;
  deleted: boolean;
  fileName: string;
  fullName: string;
  id?: string;
  lineNumber?: number;
  problem?: string;
  problemType?: 'Error' | 'Warning';
  success: boolean;
}

/** What a message speaks of: a component, a line of a manifest, or package.xml itself (type ''). */
export interface Subject {
  type: string;
  fullName: string;
  fileName: string;
  position?: Position | undefined;
}

/** It was deployed, or would be. */
export const success = (ctx: Context, subject: Subject, applied: Partial<Applied> = {}): DeployMessage => ({
  changed: applied.changed ?? true,
  componentType: subject.type,
  created: applied.created ?? false,
  createdDate: ctx.org.clock.now().toISOString(),
  deleted: false,
  fileName: subject.fileName,
  fullName: subject.fullName,
  ...(applied.id === undefined ? {} : { id: applied.id }),
  success: true,
});

/** Something is wrong with it. */
export const failure = (ctx: Context, subject: Subject, problem: string): DeployMessage => ({
  ...success(ctx, subject, { changed: false }),
  ...(subject.position ? { columnNumber: subject.position.column, lineNumber: subject.position.line } : {}),
  problem,
  problemType: 'Error',
  success: false,
});

/** A warning; it counts as a failure unless the deployment is told to ignore warnings. */
export const warning = (
  ctx: Context,
  subject: Subject,
  { problem, isIgnored }: { problem: string; isIgnored: boolean },
): DeployMessage => ({ ...failure(ctx, subject, problem), problemType: 'Warning', success: isIgnored });
