export { loadBinding, type NativeBinding, type NativeData } from './binding.js';
export { configureThreads, type ThreadCounts } from './binding-threads.js';
export { writeSavedModel } from './saved-model-folder.js';
export { Session, type Fetched } from './session.js';
export { type Traffic } from './session-traffic.js';
export { TensorFlowError } from './session-error.js';
export { type Feed, type Feeds } from './session-feed.js';
export {
  provisionTensorflow,
  type ProvisionTensorflowOptions,
  type TensorflowProvision,
} from './provision/provision-tensorflow.js';
export { packTensorflow, type PackTensorflowOptions } from './provision/pack-tensorflow.js';
export { NVIDIA_WHEELS } from './provision/nvidia-wheels.js';
export { linkedLibraries } from './provision/linked-libraries.js';
export { probeTensorflow } from './provision/probe-binding.js';
export {
  claimDevice,
  claimDevices,
  holderOfDevice,
  type ClaimedDevice,
  type ClaimedDevices,
} from './devices/claim-device.js';
export { bitsEnvironment, deviceEnvironment } from './devices/device-environment.js';
export { DeviceRefusedError } from './devices/device-refused-error.js';
export { othersOn, userText } from './devices/device-users.js';
export { findDevices, type DeviceWish, type FoundDevices } from './devices/find-devices.js';
export { type DeviceSet } from './devices/device-set.js';
export { deviceName, devicesInGraph, devicesName, type GpuDevice } from './devices/gpu-device.js';
export { bf16Support, bf16Unit, instructionSet, kernelLibrary, parseCpuFlags } from './devices/instruction-set.js';
export { inspectTensorflow, type TensorflowInspection } from './provision/inspect-tensorflow.js';
