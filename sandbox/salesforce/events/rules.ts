import { ApiError, saveError } from '../errors.ts';
import type { SaveHook } from '../records/hooks.ts';
import { prepare } from '../soql/query.ts';

/** A PushTopic's query must be one that its creator may run, and name the record. */
export const pushTopicRules: SaveHook = {
  beforeSave(ctx, drafts) {
    for (const { row, errors } of drafts) {
      if (typeof row.Query !== 'string') continue;
      const problem = problemOf(() => prepare(ctx, String(row.Query), { all: false, ofIds: false }));
      if (problem) errors.push(saveError(problem.errorCode, problem.message.trim(), ['Query']));
      else if (!/^\s*select\b[^()]*\bid\b[^()]*\bfrom\b/i.test(row.Query))
        errors.push(saveError('INVALID_FIELD', 'Id must be specified in the SELECT clause of the query', ['Query']));
    }
  },
}; // prettier-ignore

function problemOf(work: () => unknown): ApiError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** Generic channels live below `/u/`. */
export const streamingChannelRules: SaveHook = {
  beforeSave(_ctx, drafts) {
    for (const { row, errors } of drafts)
      if (typeof row.Name === 'string' && !/^\/u\/[\w/-]+$/.test(row.Name))
        errors.push(saveError('INVALID_INPUT', 'Channel name should start with /u/', ['Name']));
  },
};
