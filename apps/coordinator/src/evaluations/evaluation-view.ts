import type { EvaluationView } from '#contracts';
import type { LiveRun } from '../runs/live-run.js';

/** An evaluation as the API shows it. Throws for a run that trains. */
export function evaluationView(run: LiveRun): EvaluationView {
  const { record } = run;
  const { evaluation } = record;
  if (evaluation === undefined) throw new Error(`bug: run ${record.id} is no evaluation`);
  const { numTrainSamples, numValidationSamples } = record.dataset;
  const { result } = evaluation;
  const counted = run.loadedDetail?.tallies.reduce((sum, tally) => sum + tally.samples, 0);
  return {
    id: record.id,
    runId: evaluation.runId,
    state: record.state,
    reason: record.reason,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    protocol: evaluation.protocol,
    split: evaluation.split,
    networks: evaluation.members.map(({ model, sha256 }, at) => ({
      source: evaluation.sources[at] ?? '',
      architecture: model.architecture,
      sha256,
    })),
    progress: {
      samples: counted ?? result?.samples ?? 0,
      totalSamples: evaluation.split === 'train' ? numTrainSamples : numValidationSamples,
    },
    workers: record.assigned.map(({ workerId }) => workerId),
    result,
  };
}
