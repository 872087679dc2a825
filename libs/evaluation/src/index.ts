export { Evaluator, samplesAtOnce } from './protocols/evaluator.js';
export { loadModels, type ModelSource } from './protocols/load-models.js';
export type { SplitRounds } from './protocols/test-crop-loader.js';
export { openTestCrops } from './protocols/open-test-crops.js';
export { readTally } from './protocols/counts-vector.js';
export { Predictor } from './prediction/predictor.js';
export { EvaluationWork } from './protocols/evaluation-work.js';
