/** Entry of an engine thread: owns one engine, answers one request after the other. TensorFlow blocks here and nowhere else. */
import { workerData } from 'node:worker_threads';
import type { Engine } from './engine.js';
import type { EngineAnswers, EngineRequest, EngineThreadData } from './engine-messages.js';
import { buffersOfState } from './state-buffers.js';
import { makeEngine } from './make-engine.js';
import { requireFinite } from './require-finite.js';
import { serveRequests } from '../threads/serve-requests.js';

const { network, engine: kind, rules } = workerData as EngineThreadData;
const engine = await makeEngine(kind, network, rules);

serveRequests<EngineRequest, EngineAnswers[EngineRequest['kind']]>({
  answer: (request) => answer(engine, request),
  transfers,
});

function answer(target: Engine, request: EngineRequest): EngineAnswers[EngineRequest['kind']] {
  switch (request.kind) {
    case 'gradients':
      return requireFinite(target.gradients(request.batch, request.globalBatch));
    case 'evaluate':
      return target.evaluate(request.batch);
    case 'apply':
      target.apply(request.reduced, request.hyperparameters);
      return request.reduced;
    case 'read-state':
      return target.readState();
    case 'write-state':
      target.writeState(request.state);
      return null;
  }
}

function transfers(value: EngineAnswers[EngineRequest['kind']]): ArrayBuffer[] {
  if (value instanceof Float32Array) return [value.buffer];
  if (value && 'parameters' in value) return buffersOfState(value);
  return [];
}
