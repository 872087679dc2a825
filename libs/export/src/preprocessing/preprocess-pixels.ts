import { evaluationSide } from '#dataset';
import { normalizePixels } from '#resnet';
import {
  add,
  batchMatrixMultiply,
  cast,
  concatenateIndices,
  floatScalar,
  floor,
  intVector,
  maximum,
  minimum,
  multiply,
  reshape,
  reshapeLike,
  shapeOf,
  slice,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import { resizeWeights } from './resize-weights.js';

/**
 * Writes what evaluation does to an image before the network sees it: shorter side resized, square of imageSize cut out of
 * the middle, rounded to bytes, normalised.
 *
 * @param pixels uint8 or int32 RGB [N,H,W,3] of any size
 * @returns float32 [N,S,S,3]
 */
export function preprocessPixels(graph: GraphBuilder, pixels: Tensor, imageSize: number): Tensor {
  return graph.scope('preprocessing', () => {
    const shape = shapeOf(graph, pixels);
    const height = slice(graph, shape, [1], [1]);
    const width = slice(graph, shape, [2], [1]);
    const side = windowSide(graph, minimum(graph, height, width), imageSize);
    const rows = resizeWeights(graph, { length: height, side, outputSide: imageSize });
    const columns = resizeWeights(graph, { length: width, side, outputSide: imageSize });

    const floats = cast(graph, pixels, 'float32');
    const rest = intVector(graph, [-1]);
    const asRows = reshapeLike(graph, floats, concatenateIndices(graph, [slice(graph, shape, [0], [2]), rest]));
    const lower = batchMatrixMultiply(graph, rows, asRows);
    const asColumns = reshapeLike(graph, lower, concatenateIndices(graph, [rest, slice(graph, shape, [2], [2])]));
    const resized = batchMatrixMultiply(graph, columns, asColumns);
    const squares = reshape(graph, resized, [-1, imageSize, imageSize, 3]);
    // Pixels are bytes in training and evaluation.
    return normalizePixels(graph, floor(graph, add(graph, squares, floatScalar(graph, 0.5))));
  });
}

/** The window's side in source pixels, rounded half up as by JavaScript, at least one. */
function windowSide(graph: GraphBuilder, shorter: Tensor, imageSize: number): Tensor {
  const share = floatScalar(graph, imageSize / evaluationSide(imageSize));
  const scaled = multiply(graph, cast(graph, shorter, 'float32'), share);
  return maximum(graph, floor(graph, add(graph, scaled, floatScalar(graph, 0.5))), floatScalar(graph, 1));
}
