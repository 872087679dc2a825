/** Entry of an engine thread: owns one engine, answers one request after the other. TensorFlow blocks here and nowhere else. */
import { workerData } from 'node:worker_threads';
import { NotFiniteError } from '#contracts';
import { allFinite, freeMemory } from '#vectors';
import { leavesOf } from '../batch-tree.js';
import type { BatchTree, Engine, StageSums } from '../engine.js';
import type { Batch } from '#data-loading';
import type { EngineAnswers, EngineRequest, EngineThreadData, LaneSumOptions } from './engine-messages.js';
import { buffersOfState } from '../state.js';
import { makeEngine } from '../make-engine.js';
import { requireFinite } from '../require-finite.js';
import { serveRequests } from '#threads';
import { movable } from './movable.js';

type Answer = EngineAnswers[EngineRequest['kind']];

const { network, engine: kind, config, ...engineOptions } = workerData as EngineThreadData;
const engine = await makeEngine(kind, network, config, engineOptions);
/** What is asked for stage by stage. */
let stages: Iterator<StageSums, null> | null = null;

serveRequests<EngineRequest, Answer>({ answer: (request) => answer(engine, request), transfers });

function answer(target: Engine, request: EngineRequest): Answer {
  switch (request.kind) {
    case 'gradients': {
      const { trees, options } = request;
      return usingUp(trees.flatMap(leavesOf), (batches) =>
        namingLane(target, batches, options, () => target.gradients(trees, options).map(requireFinite)),
      );
    }
    case 'first-stage':
      stages = stagesOf(target, request.trees, request.options);
      return stages.next().value;
    case 'next-stage':
      return stages?.next().value ?? null;
    case 'train': {
      const { tree, options, hyperparameters } = request;
      return usingUp(leavesOf(tree), (batches) =>
        namingLane(target, batches, options, () => target.train(tree, options, hyperparameters)),
      );
    }
    case 'evaluate':
      return usingUp(request.batches, () => target.evaluate(request.batches));
    case 'apply':
      return { vector: request.reduced, gradientNorm: target.apply(request.reduced, request.hyperparameters) };
    case 'read-state':
      return target.readState();
    case 'write-state':
      target.writeState(request.state);
      return null;
  }
}

/** Each stage as it is asked for. Behind a fault and behind the last there are no more. */
function* stagesOf(
  target: Engine,
  trees: readonly BatchTree[],
  options: LaneSumOptions,
): Generator<StageSums, null, undefined> {
  const batches = trees.flatMap(leavesOf);
  const stageSums = target.gradientStages(trees, options)[Symbol.iterator]();
  const next = (): StageSums | null => {
    const { done, value } = stageSums.next();
    if (done) return null;
    for (const sum of value.sums) requireFinite(sum);
    return value;
  };
  for (;;) {
    const stage = namingLane(target, batches, options, next);
    if (stage === null) break;
    yield stage;
  }
  usingUp(batches, () => undefined);
  return null;
}

/** Frees the batches, which no engine needs once it has answered. */
function usingUp<Batches extends readonly (Batch | null)[], Result>(
  batches: Batches,
  use: (batches: Batches) => Result,
): Result {
  const result = use(batches);
  for (const batch of batches)
    for (const array of [batch?.images, batch?.labels, batch?.mixup?.mask]) if (array) freeMemory(array);
  return result;
}

/** A sum that is not finite says nothing of whose fault it is: each lane is looked at by itself, once, as its run is over. */
function namingLane<Result>(
  target: Engine,
  batches: readonly (Batch | null)[],
  { lanes, globalBatch }: LaneSumOptions,
  compute: () => Result,
): Result {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error;
    const isAtFault = (tree: BatchTree): boolean =>
      tree !== null && !target.gradients([tree], { globalBatch, numRounded: 0 }).every(allFinite);
    const lane = lanes[batches.findIndex(isAtFault)];
    if (lane !== undefined) error.lane = lane;
    throw error;
  }
}

function transfers(value: Answer): ArrayBuffer[] {
  if (value === null) return [];
  if ('vector' in value) return movable([value.vector]);
  if ('sums' in value) return movable(value.sums);
  if ('parameters' in value) return buffersOfState(value);
  if (!Array.isArray(value)) return [];
  return movable(value.filter((each: unknown) => each instanceof Float32Array));
}
