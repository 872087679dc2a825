/**
 * Loaded before everything else (`NODE_OPTIONS=--import`): TensorFlow's binding says that it computes on a GPU. It
 * computes on the CPU as ever, so what is shown so is what a worker does with a GPU, and nothing about a GPU.
 */
const dlopen = process.dlopen.bind(process);
process.dlopen = (module, file, ...flags) => {
  dlopen(module, file, ...flags);
  if (file.endsWith('tfjs_binding.node')) {
    module.exports = Object.create(module.exports, { isUsingGpuDevice: { value: () => true } });
  }
};
