import type { EvaluationView } from '#contracts';
import type { EvaluationRun } from '../runs/live-run.js';

/** An evaluation as the API shows it. */
export function evaluationView(run: EvaluationRun): EvaluationView {
  const { record } = run;
  const { evaluation } = record;
  const { numTrainSamples, numValidationSamples } = record.dataset;
  const { result } = evaluation;
  const counted = run.loadedDetail?.evaluation.tallies.reduce((sum, tally) => sum + tally.samples, 0);
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
    networks: evaluation.models.map(({ model, sha256 }, at) => ({
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
