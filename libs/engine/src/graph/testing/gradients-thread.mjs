/**
 * Test fixture: a thread that loads TensorFlow for itself and returns the gradient vectors of a few runs. Plain
 * JavaScript on the bare binding, so that the test needs no build.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
const binding = require(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'));

const { directory, write, gradients, numRuns } = workerData;
const model = binding.loadSavedModel(directory, 'serve');
const run = ({ feeds, fetch }) => {
  const ids = feeds.map(({ shape, dtype, data }) => binding.createTensor(shape, dtype, data));
  const [{ id }] = binding.runSavedModel(model, ids, feeds.map(({ name }) => name).join(','), fetch);
  const result = binding.tensorDataSync(id);
  for (const tensor of [...ids, id]) binding.deleteTensor(tensor);
  return result;
};
run(write);
const vectors = [];
for (let index = 0; index < numRuns; index += 1) vectors.push(run(gradients));
binding.deleteSavedModel(model);
parentPort.postMessage(vectors);
