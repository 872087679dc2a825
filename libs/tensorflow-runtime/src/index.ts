export { loadBinding, type NativeBinding, type NativeData } from './binding.js';
export { configureThreads, type ThreadCounts } from './binding-threads.js';
export { writeSavedModel } from './saved-model-folder.js';
export { Session, type Fetched } from './session.js';
export { TensorFlowError } from './session-error.js';
export { type Feed, type Feeds } from './session-feed.js';
export {
  provisionTensorflow,
  type ProvisionTensorflowOptions,
  type TensorflowProvision,
} from './provision/provision-tensorflow.js';
export { listGpus } from './provision/nvidia-libraries.js';
export { linkedLibraries } from './provision/linked-libraries.js';
export { inspectTensorflow, type TensorflowInspection } from './provision/inspect-tensorflow.js';
