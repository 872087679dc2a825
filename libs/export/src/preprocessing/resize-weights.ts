import {
  absolute,
  add,
  cast,
  constant,
  divide,
  floatScalar,
  floor,
  greater,
  maximum,
  multiply,
  range,
  reshape,
  select,
  slice,
  subtract,
  sum,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';

/** One axis of an image whose shorter side is resized and whose middle is kept. */
export interface AxisCrop {
  /** int32 vector of one element: pixels of the axis. */
  readonly length: Tensor;
  /** float32 vector of one element: pixels of the image's shorter side. */
  readonly shorter: Tensor;
  /** Pixels to which that side is resized. */
  readonly shorterSide: number;
  /** Pixels of the output. */
  readonly outputSide: number;
}

/**
 * Resizing along one axis as a matrix [outputSide, length]: row i holds the share of each source pixel in output pixel i of
 * the middle. Pillow's triangle, which antialiases where the image shrinks. A matrix because then one graph of plain
 * arithmetic serves TensorFlow and TensorFlow.js, which has no cut whose size depends on the image without control flow.
 */
export function resizeWeights(graph: GraphBuilder, { length, shorter, shorterSide, outputSide }: AxisCrop): Tensor {
  const number = (value: number): Tensor => floatScalar(graph, value);
  const pixels = cast(graph, length, 'float32');
  const resized = wholeQuotient(graph, multiply(graph, pixels, number(shorterSide)), shorter);
  const origin = halfToEven(graph, subtract(graph, resized, number(outputSide)));
  const middles = constant(graph, {
    dtype: 'float32',
    shape: [outputSide, 1],
    values: Array.from({ length: outputSide }, (_, index) => index + 0.5),
  });
  const scale = divide(graph, pixels, resized);
  const support = maximum(graph, scale, number(1));
  const centres = multiply(graph, add(graph, middles, origin), scale);
  const positions = cast(graph, range(graph, reshape(graph, slice(graph, length, [0], [1]), [])), 'float32');
  const distances = absolute(graph, subtract(graph, add(graph, positions, number(0.5)), centres));
  const triangle = maximum(graph, subtract(graph, number(1), divide(graph, distances, support)), number(0));
  return divide(graph, triangle, reshape(graph, sum(graph, triangle, [1]), [outputSide, 1]));
}

/** A quotient rounded down; the product tells where the rounding of the division has lifted it to the next whole number. */
function wholeQuotient(graph: GraphBuilder, dividend: Tensor, divisor: Tensor): Tensor {
  const quotient = floor(graph, divide(graph, dividend, divisor));
  const isTooLarge = greater(graph, multiply(graph, quotient, divisor), dividend);
  return select(graph, isTooLarge, subtract(graph, quotient, floatScalar(graph, 1)), quotient);
}

/** Half of a whole number, rounded as Python does: halves to the even number. */
function halfToEven(graph: GraphBuilder, whole: Tensor): Tensor {
  const half = (value: Tensor): Tensor => floor(graph, multiply(graph, value, floatScalar(graph, 0.5)));
  const oddness = (value: Tensor): Tensor =>
    subtract(graph, value, multiply(graph, half(value), floatScalar(graph, 2)));
  const below = half(whole);
  return add(graph, below, multiply(graph, oddness(whole), oddness(below)));
}
