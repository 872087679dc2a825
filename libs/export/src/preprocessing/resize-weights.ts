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
  minimum,
  multiply,
  range,
  reshape,
  select,
  slice,
  subtract,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';

/** Which pixels of one axis go into the output, as float32 vectors of one element. */
export interface AxisWindow {
  /** int32 vector of one element: pixels of the axis. */
  readonly length: Tensor;
  /** Pixels of the window, which lies in the middle. */
  readonly side: Tensor;
  /** Pixels of the output. */
  readonly outputSide: number;
}

/**
 * Resizing along one axis as a matrix [outputSide, length]: row i holds the share of each source pixel in output pixel i.
 * Linear between pixel centres, without antialiasing (TensorFlow's ResizeBilinear with half-pixel centres); where the
 * window is more than twice the output, the mean over the area of the output pixel (ResizeArea). That is what evaluation
 * does to the same pixels. A matrix because then one graph of plain arithmetic serves TensorFlow and TensorFlow.js, which
 * has neither ResizeArea nor a cut whose size depends on the image without control flow.
 */
export function resizeWeights(graph: GraphBuilder, { length, side, outputSide }: AxisWindow): Tensor {
  const number = (value: number): Tensor => floatScalar(graph, value);
  const column = (offset: number): Tensor =>
    constant(graph, {
      dtype: 'float32',
      shape: [outputSide, 1],
      values: Array.from({ length: outputSide }, (_, index) => index + offset),
    });
  const start = floor(graph, multiply(graph, subtract(graph, cast(graph, length, 'float32'), side), number(0.5)));
  const ratio = divide(graph, side, number(outputSide));
  const positions = cast(graph, range(graph, reshape(graph, slice(graph, length, [0], [1]), [])), 'float32');
  const inWindow = subtract(graph, positions, start);
  const nothing = number(0);

  const middle = subtract(graph, multiply(graph, column(0.5), ratio), number(0.5));
  const last = subtract(graph, side, number(1));
  const centre = minimum(graph, maximum(graph, middle, nothing), last);
  const distance = absolute(graph, subtract(graph, inWindow, centre));
  const linear = maximum(graph, subtract(graph, number(1), distance), nothing);

  const from = maximum(graph, multiply(graph, column(0), ratio), inWindow);
  const to = minimum(graph, multiply(graph, column(1), ratio), add(graph, inWindow, number(1)));
  const area = divide(graph, maximum(graph, subtract(graph, to, from), nothing), ratio);

  return select(graph, greater(graph, side, number(2 * outputSide)), area, linear);
}
