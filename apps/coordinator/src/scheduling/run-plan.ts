import { REDIS_KEYS } from '#queue';
import { type RunPlan } from '#contracts';
import type { RunRecord } from '../storage/run-record.schema.js';

export interface PlanSettings {
  /** Where a run's checkpoints lie. */
  readonly folderOf: (record: RunRecord) => string;
  readonly parameterServers: readonly string[];
}

/** The plan that a run's record calls for: a pure function, so that it can be published again at any time. */
export function runPlan(record: RunRecord, settings: PlanSettings): RunPlan {
  const { numTrainSamples, numValidationSamples, classes, digest } = record.dataset;
  const common = {
    runId: record.id,
    spec: record.spec,
    incarnation: record.incarnation,
    desired: desired(record),
    start: record.start,
    dataset: { numTrainSamples, numValidationSamples, classes, digest },
    parameterServers: [...settings.parameterServers],
    shares: record.shares,
    queueName: REDIS_KEYS.queueName(record.id, record.incarnation),
  };
  if (record.kind === 'evaluation') {
    const { protocol, split, models, numRounds } = record.evaluation;
    return { kind: 'evaluation', ...common, evaluation: { protocol, split, models, numRounds } };
  }
  return {
    kind: 'training',
    ...common,
    ...(record.initialWeights === undefined ? {} : { initialWeights: record.initialWeights }),
    checkpointDirectory: settings.folderOf(record),
  };
}

function desired(record: RunRecord): RunPlan['desired'] {
  switch (record.state) {
    case 'running':
    case 'pending':
      return 'train';
    case 'pausing':
    case 'paused':
      return 'pause';
    case 'cancelled':
    case 'failed':
    case 'finished':
      return 'stop';
  }
}
