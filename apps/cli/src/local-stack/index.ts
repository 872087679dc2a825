export { foreignRedis } from './foreign-redis.js';
export { startStack } from './start-stack.js';
export { type Stack, type StackOptions } from './stack.js';
export { provisionStack } from './provision-stack.js';
export { readLaunchConfig } from './launch-settings.js';
export { readStackConfig } from './stack-config.js';
export { claimCommandDevice } from './command-device.js';
export { startTensorFlowProcess, type ComputeSetup } from './tensorflow-process.js';
