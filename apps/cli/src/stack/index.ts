export { startStack } from './start-stack.js';
export { type Stack, type StackOptions, type StackProcess } from './stack.js';
export { provisionStack } from './provision-stack.js';
export { readStackConfig, type StackConfig } from './stack-config.js';
