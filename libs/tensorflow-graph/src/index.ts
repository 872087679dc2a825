export { attribute, type AttributeMessage } from './attribute.js';
export type { DataType, Shape } from './data-type.js';
export { DATA_TYPES } from './data-type.js';
export { GraphBuilder, type OperationOptions, type Tensor } from './graph-builder.js';
export { cutIntoRuns } from './cut-into-runs.js';
export type { Literal } from './tensor-literal.js';
export { encodeGraphModel, type GraphModel } from './graph-model.js';
export {
  decodeSignatures,
  encodeSavedModel,
  SERVE_TAG,
  tensorSpec,
  type Signature,
  type Signatures,
  type TensorSpec,
} from './saved-model.js';
export { constant, floatScalar, floatVector, intVector, longScalar, longVector } from './operations/constants.js';
export {
  add,
  addPair,
  absolute,
  argMax,
  batchMatrixMultiply,
  cast,
  divide,
  equal,
  floor,
  greater,
  halfSquaredNorm,
  matrixMultiply,
  maximum,
  mean,
  minimum,
  multiply,
  reciprocalRoot,
  shiftRight,
  squareRoot,
  subtract,
  sum,
  topIndices,
} from './operations/arithmetic.js';
export {
  bitcast,
  broadcastTo,
  concatenate,
  concatenateIndices,
  deepCopy,
  expandFirst,
  identity,
  oneHot,
  pad,
  range,
  reshape,
  rollByOne,
  reshapeLike,
  select,
  shapeOf,
  slice,
  sliceOfSize,
  stackScalars,
} from './operations/arrays.js';
export { decodeImage } from './operations/images.js';
export {
  batchNormalization,
  batchNormalizationGradient,
  biasAdd,
  biasAddGradient,
  convolution,
  convolutionInputGradient,
  convolutionKernelGradient,
  crossEntropy,
  crossEntropyGradient,
  maxPool,
  maxPoolGradient,
  onePixelPool,
  onePixelPoolGradient,
  relu,
  reluGradient,
  softmax,
  type BatchNormalization,
  type Window,
} from './operations/neural-network.js';
export { hardSigmoid, sigmoid } from './operations/squashing.js';
export {
  applyMomentum,
  assertFinite,
  assignVariable,
  emptyVariable,
  readVariable,
  variable,
  type Variable,
} from './operations/variables.js';
