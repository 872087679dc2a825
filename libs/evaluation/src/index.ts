export { Evaluator, samplesAtOnce } from './protocols/evaluator.js';
export { loadMembers } from './protocols/load-members.js';
export { openViews } from './protocols/open-views.js';
export { readTally } from './protocols/counts-vector.js';
export { Predictor } from './prediction/predictor.js';
export { EvaluationWork } from './protocols/evaluation-work.js';
