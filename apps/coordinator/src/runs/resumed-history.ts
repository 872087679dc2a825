import { stepsPerEpoch, trainingTimeline } from '#contracts';
import { RunFiles, type MetricsLine } from '../storage/run-files.js';
import type { TrainingRun } from './live-run.js';

/** Gives the lines of metrics that a new run begins with, one by one. */
export type History = (take: (line: MetricsLine) => void) => Promise<void>;

/**
 * What a run has committed in the rounds before a checkpoint: the run that goes on from it has done the same, so its
 * ledger is whole from step 1, and its chain is that of the original.
 */
export function historyBefore(original: TrainingRun, round: number, dataDirectory: string): History {
  const roundsPerEpoch = stepsPerEpoch(trainingTimeline(original.record)) + 1;
  return async (take) => {
    await original.sync();
    await RunFiles.of(dataDirectory, original.id).readMetrics((line) => {
      if (line.kind === 'step' && line.step.round < round) take({ ...line, incarnation: 1 });
      if (line.kind === 'evaluation' && (line.evaluation.epoch + 1) * roundsPerEpoch <= round)
        take({ ...line, incarnation: 1 });
    });
  };
}
