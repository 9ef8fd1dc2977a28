import { parseArgs } from 'node:util';

/**
 * The stages of the campaign pipeline that may have worker processes of their own (`node src/worker.ts --stages mailing,webhooks`), with their jobs
 * and reactions. Everything else belongs to the stage `rest`. A worker that is told nothing does all of them.
 */
const stages = {
  planning: ['run.triggered:planRun'],
  mailing: ['run.planned:sendRun', 'send_batches', 'watch_mailing', 'end_run'],
  tracks: [
    'advance_tracks',
    'watch_tracks',
    'count_track_approval',
    'segment.changed:enterTracks',
    'tags.changed:enterTracks',
    'signals.noted:enterTracks',
  ],
  webhooks: ['hooks.received:takeInHooks', 'take_in_hooks'],
} as const;

export const stageNames = [...Object.keys(stages), 'rest'];

const stageByName = new Map(
  Object.entries(stages).flatMap(([stage, names]) => names.map((name) => [name as string, stage])),
);

/** The stage of a job, or of a reaction (`run.planned:sendRun`). */
export const stageOf = (name: string): string => stageByName.get(name) ?? 'rest';

/** The stages that this process was told to do. @throws Error for one that there is not */
export function stagesAsked(): readonly string[] {
  const { values } = parseArgs({ options: { stages: { type: 'string' } }, strict: false });
  if (typeof values.stages !== 'string') return stageNames;
  const asked = values.stages.split(',').map((name) => name.trim());
  const unknown = asked.filter((name) => !stageNames.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no stage ${unknown.join(', ')}; there are ${stageNames.join(', ')}.`);
  return asked;
}
