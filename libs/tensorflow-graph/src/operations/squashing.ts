import { attribute } from '../attribute.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';
import { add, cast, multiply } from './arithmetic.js';
import { floatScalar } from './constants.js';

type UnaryOperation = 'Sigmoid' | 'Relu6';
type UnaryGradient = 'SigmoidGrad' | 'Relu6Grad';

const unary = (graph: GraphBuilder, type: UnaryOperation, x: Tensor): Tensor =>
  graph.tensor(type, x.dtype, { inputs: [x], attributes: { T: attribute.type(x.dtype) } });
const gradientOf = (graph: GraphBuilder, type: UnaryGradient, left: Tensor, right: Tensor): Tensor =>
  graph.tensor(type, left.dtype, { inputs: [left, right], attributes: { T: attribute.type(left.dtype) } });

/** A function into 0 to 1, and the way back for gradients of its output's shape. */
export interface Squashed {
  readonly output: Tensor;
  readonly backward: (gradient: Tensor) => Tensor;
}

/** 1 / (1 + exp(-x)). */
export function sigmoid(graph: GraphBuilder, x: Tensor): Squashed {
  const output = unary(graph, 'Sigmoid', x);
  return { output, backward: (gradient) => gradientOf(graph, 'SigmoidGrad', output, gradient) };
}

/** clip(x/6 + 1/2, 0, 1), as PyTorch defines it; flat beyond -3 and 3. */
export function hardSigmoid(graph: GraphBuilder, x: Tensor): Squashed {
  const sixth = cast(graph, floatScalar(graph, 1 / 6), x.dtype);
  const clipped = unary(graph, 'Relu6', add(graph, x, cast(graph, floatScalar(graph, 3), x.dtype)));
  return {
    output: multiply(graph, clipped, sixth),
    backward: (gradient) => gradientOf(graph, 'Relu6Grad', multiply(graph, gradient, sixth), clipped),
  };
}
