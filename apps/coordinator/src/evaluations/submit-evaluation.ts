import type { EvaluationRequest } from '#contracts';
import type { EvaluationRun, TrainingRun } from '../runs/live-run.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { OnceByKey, type MadeOnce } from '../runs/once-by-key.js';
import { redisAbsent } from '../redis/redis-absent.js';
import { findNetworks } from './evaluated-networks.js';
import type { EvaluationWeights } from './evaluation-weights.js';
import { numRoundsOf } from './num-rounds.js';

/** What submitting an evaluation needs of the coordinator. */
export interface EvaluationSubmitterPorts {
  readonly registry: RunRegistry;
  readonly weights: EvaluationWeights;
  readonly checkpointDirectory: string;
  /** Throws when Redis does not answer. */
  pingRedis(): Promise<void>;
  /** There is something new to be given workers. */
  nudge(): void;
}

/**
 * Makes evaluations of runs' weights; workers serve them like runs. Errors: RefusedInputError, RedisAbsentError,
 * IdempotencyConflictError.
 */
export class EvaluationSubmitter {
  readonly #ports: EvaluationSubmitterPorts;
  readonly #once = new OnceByKey<EvaluationRun>();

  constructor(ports: EvaluationSubmitterPorts) {
    this.#ports = ports;
  }

  submit(run: TrainingRun, request: EvaluationRequest, key: string | undefined): Promise<MadeOnce<EvaluationRun>> {
    const { registry } = this.#ports;
    const submitted = { runId: run.id, request };
    return this.#once.make(
      key,
      (given) => registry.findEvaluationByKey(given, submitted),
      () => submitEvaluation(run, request, key, this.#ports),
    );
  }
}

async function submitEvaluation(
  run: TrainingRun,
  request: EvaluationRequest,
  key: string | undefined,
  ports: EvaluationSubmitterPorts,
): Promise<EvaluationRun> {
  await ports.pingRedis().catch((error: unknown) => {
    throw redisAbsent(error, 'the evaluation was not taken');
  });
  const found = await findNetworks(run, request, ports);
  const identity = ports.registry.nextId();
  const kept = await ports.weights.keep(
    identity.id,
    found.map(({ path }) => path),
  );
  const { spec, dataset } = run.record;
  const { protocol, split } = request;
  const lanes = request.lanes ?? spec.lanes;
  const laneBatchSize = request.batchSize ?? spec.laneBatchSize;
  const numSamples = split === 'train' ? dataset.numTrainSamples : dataset.numValidationSamples;
  const evaluation = await ports.registry.createEvaluation(
    identity,
    { spec: { ...spec, lanes, laneBatchSize, workers: { min: 1, max: lanes } }, dataset },
    {
      runId: run.id,
      protocol,
      split,
      numRounds: numRoundsOf(numSamples, { lanes, laneBatchSize }, protocol),
      models: found.flatMap(({ model }, at) => {
        const file = kept[at];
        return file === undefined ? [] : [{ model, ...file }];
      }),
      sources: found.map(({ source }) => source),
      result: null,
    },
    { key, submitted: { runId: run.id, request } },
  );
  ports.nudge();
  return evaluation;
}
