import { Injectable } from '@nestjs/common';
import type { EvaluationProtocol, EvaluationRequest } from '#contracts';
import { RedisLink } from '../redis/redis-link.js';
import type { EvaluationRun, TrainingRun } from '../runs/live-run.js';
import { OnceByKey, type MadeOnce } from '../runs/once-by-key.js';
import { RunRegistry } from '../runs/run-registry.js';
import { SchedulingLoop } from '../scheduling/scheduling-loop.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { EvaluationWeights } from '../storage/evaluation-weights.js';
import { findNetworks } from './evaluated-networks.js';

/** Rounds are what progress is counted in and what a kill can cost: some batches of every lane each. */
const BATCHES_A_ROUND = 4;
const MAX_ROUNDS = 500;

/**
 * Makes evaluations of runs' weights; workers serve them like runs. Errors: RefusedInputError, RedisAbsentError,
 * IdempotencyConflictError.
 */
@Injectable()
export class EvaluationSubmitter {
  readonly #registry: RunRegistry;
  readonly #weights: EvaluationWeights;
  readonly #redis: RedisLink;
  readonly #scheduling: SchedulingLoop;
  readonly #files: CheckpointFiles;
  readonly #once = new OnceByKey<EvaluationRun>();

  constructor(
    registry: RunRegistry,
    weights: EvaluationWeights,
    redis: RedisLink,
    scheduling: SchedulingLoop,
    files: CheckpointFiles,
  ) {
    this.#registry = registry;
    this.#weights = weights;
    this.#redis = redis;
    this.#scheduling = scheduling;
    this.#files = files;
  }

  submit(run: TrainingRun, request: EvaluationRequest, key: string | undefined): Promise<MadeOnce<EvaluationRun>> {
    const submitted = { runId: run.id, request };
    return this.#once.make(
      key,
      (given) => this.#registry.findEvaluationByKey(given, submitted),
      () => this.#create(run, request, key),
    );
  }

  async #create(run: TrainingRun, request: EvaluationRequest, key: string | undefined): Promise<EvaluationRun> {
    await this.#redis.require('the evaluation was not taken');
    const found = await findNetworks(run, request, {
      registry: this.#registry,
      files: this.#files,
    });
    const identity = this.#registry.nextId();
    const { spec, dataset } = run.record;
    const kept = await this.#weights.keep({ id: identity.id, spec }, found);
    const { protocol, split } = request;
    const lanes = request.lanes ?? spec.lanes;
    const laneBatchSize = request.batchSize ?? spec.laneBatchSize;
    const numSamples = split === 'train' ? dataset.numTrainSamples : dataset.numValidationSamples;
    const evaluation = await this.#registry.createEvaluation(
      identity,
      { spec: { ...spec, lanes, laneBatchSize, workers: { min: 1, max: lanes } }, dataset },
      {
        runId: run.id,
        protocol,
        split,
        numRounds: numRoundsOf(numSamples, { lanes, laneBatchSize }, protocol),
        models: found.flatMap(({ model, precision }, at) => {
          const file = kept[at];
          return file === undefined ? [] : [{ model, precision, ...file }];
        }),
        sources: found.map(({ source }) => source),
        result: null,
      },
      { key, submitted: { runId: run.id, request } },
    );
    this.#scheduling.nudge();
    return evaluation;
  }
}

/** Into how many rounds an evaluation is cut; its loss depends on it in the last bits, so it is part of the plan. */
function numRoundsOf(
  numSamples: number,
  { lanes, laneBatchSize }: { readonly lanes: number; readonly laneBatchSize: number },
  protocol: EvaluationProtocol,
): number {
  const batches = protocol.kind === 'center' ? BATCHES_A_ROUND : 1;
  return Math.min(MAX_ROUNDS, Math.max(1, Math.ceil(numSamples / (lanes * laneBatchSize * batches))));
}
