import type { Checkpoint, RunSpec, ShownCheckpoint } from '#contracts';

type Keep = RunSpec['checkpoint']['keep'];

/** The checkpoints that a run keeps on disk, oldest first: the newest, and the best where the spec says so. */
export function keptCheckpoints(checkpoints: readonly Checkpoint[], keep: Keep): Checkpoint[] {
  const sorted = checkpoints.toSorted((left, right) => left.step - right.step);
  if (keep !== 'best') return sorted.slice(-keep);
  const best = bestCheckpoint(sorted, keep);
  return sorted.filter((one, index) => one === best || index === sorted.length - 1);
}

/** Each was the best so far when it was written, so the last of them is the best. Undefined where none is kept as such. */
export function bestCheckpoint(checkpoints: readonly Checkpoint[], keep: Keep): Checkpoint | undefined {
  return keep === 'best' ? checkpoints.findLast(({ best }) => best !== undefined) : undefined;
}

/** As the API shows them. */
export function shownCheckpoints(checkpoints: readonly Checkpoint[], keep: Keep): ShownCheckpoint[] {
  const chosen = bestCheckpoint(checkpoints, keep);
  return checkpoints.map((one) => {
    const { best, ...checkpoint } = one;
    if (one !== chosen || best === undefined) return { ...checkpoint, isBest: false };
    return { ...checkpoint, isBest: true, figure: best };
  });
}
