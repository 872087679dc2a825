/** Entry of an engine thread: owns one engine, answers one request after the other. TensorFlow blocks here and nowhere else. */
import { workerData } from 'node:worker_threads';
import { freeMemory } from '#vectors';
import type { Engine, EvaluationCounts } from '../engine.js';
import type { Batch } from '#data-loading';
import type { EngineAnswers, EngineRequest, EngineThreadData } from './engine-messages.js';
import { buffersOfState } from '../state.js';
import { makeEngine } from '../make-engine.js';
import { requireFinite } from '../require-finite.js';
import { serveRequests } from '#threads';

const { network, engine: kind, config } = workerData as EngineThreadData;
const engine = await makeEngine(kind, network, config);

serveRequests<EngineRequest, EngineAnswers[EngineRequest['kind']]>({
  answer: (request) => answer(engine, request),
  transfers,
});

function answer(target: Engine, request: EngineRequest): EngineAnswers[EngineRequest['kind']] {
  switch (request.kind) {
    case 'gradients':
      return usingUp(request.batch, (batch) => requireFinite(vectorOf(target, batch, request.globalBatch)));
    case 'evaluate':
      return usingUp(request.batch, (batch) => countsOf(target, batch));
    case 'apply':
      return { vector: request.reduced, gradientNorm: target.apply(request.reduced, request.hyperparameters) };
    case 'read-state':
      return target.readState();
    case 'write-state':
      target.writeState(request.state);
      return null;
  }
}

/** Frees the batch, which no engine needs once it has answered. */
function usingUp<Result>(batch: Batch, use: (batch: Batch) => Result): Result {
  const result = use(batch);
  for (const array of [batch.images, batch.labels, batch.mixup?.mask]) if (array) freeMemory(array);
  return result;
}

function transfers(value: EngineAnswers[EngineRequest['kind']]): ArrayBuffer[] {
  if (value && 'gradientNorm' in value) return [value.vector.buffer];
  if (value instanceof Float32Array) return [value.buffer];
  if (value && 'parameters' in value) return buffersOfState(value);
  return [];
}

function vectorOf(target: Engine, batch: Batch, globalBatch: number): Float32Array<ArrayBuffer> {
  const [vector] = target.gradients([batch], { globalBatch, numRounded: 0 });
  if (!vector) throw new Error('the engine gave no vector');
  return vector;
}

function countsOf(target: Engine, batch: Batch): EvaluationCounts {
  const [counts] = target.evaluate([batch]);
  if (!counts) throw new Error('the engine gave no counts');
  return counts;
}
