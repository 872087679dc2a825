export { Evaluator, samplesAtOnce } from './protocols/evaluator.js';
export { loadMembers } from './protocols/load-members.js';
export { openViews } from './protocols/open-views.js';
export { readTally } from './protocols/counts-vector.js';
export { Predictor } from './prediction/predictor.js';
export { evaluationWork } from './protocols/plan-work.js';
export { statelessPorts } from './protocols/stateless-ports.js';
