/**
 * Loaded before everything else (`NODE_OPTIONS=--import`): TensorFlow's binding says that it computes on a GPU. It
 * computes on the CPU as ever, so what is shown so is what a worker does with a GPU, and nothing about a GPU. What a graph places
 * on a GPU, if there is such a one, is placed on the CPU: the names of both are as long.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NUM_GPUS = 4;
const dlopen = process.dlopen.bind(process);
process.dlopen = (module, file, ...flags) => {
  dlopen(module, file, ...flags);
  if (file.endsWith('tfjs_binding.node')) {
    const { loadSavedModel } = module.exports;
    module.exports = Object.create(module.exports, {
      isUsingGpuDevice: { value: () => true },
      loadSavedModel: {
        value: (directory, tags) => {
          placeOnCpu(join(directory, 'saved_model.pb'));
          return loadSavedModel.call(module.exports, directory, tags);
        },
      },
    });
  }
};

function placeOnCpu(file) {
  const names = new RegExp(`/device:GPU:[0-${NUM_GPUS - 1}]`, 'g');
  writeFileSync(file, readFileSync(file, 'latin1').replace(names, '/device:CPU:0'), 'latin1');
}
