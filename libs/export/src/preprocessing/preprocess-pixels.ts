import { centerTestCrop } from '#data-loading';
import { normalizePixels } from '#engine';
import {
  add,
  batchMatrixMultiply,
  cast,
  concatenateIndices,
  floatScalar,
  floor,
  intVector,
  minimum,
  reshape,
  reshapeLike,
  shapeOf,
  slice,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import { resizeWeights } from './resize-weights.js';

/**
 * Writes what validation and predictions do to an image before the network sees it (the single center crop): shorter side
 * resized as Pillow does it, columns first and each pass rounded to bytes, square of imageSize cut out of the middle,
 * normalised. A byte may be one off, as shares are floats here and 22 bits there.
 *
 * @param pixels uint8 or int32 RGB [N,H,W,3] of any size
 * @returns float32 [N,S,S,3]
 */
export function preprocessPixels(graph: GraphBuilder, pixels: Tensor, imageSize: number): Tensor {
  return graph.scope('preprocessing', () => {
    const shape = shapeOf(graph, pixels);
    const height = slice(graph, shape, [1], [1]);
    const width = slice(graph, shape, [2], [1]);
    const view = centerTestCrop(imageSize);
    const shorter = cast(graph, minimum(graph, height, width), 'float32');
    const axis = { shorter, shorterSide: view.shorterSide, outputSide: imageSize };
    const rows = resizeWeights(graph, { ...axis, length: height });
    const columns = resizeWeights(graph, { ...axis, length: width });
    const toBytes = (floats: Tensor): Tensor => floor(graph, add(graph, floats, floatScalar(graph, 0.5)));

    const rest = intVector(graph, [-1]);
    const lines = concatenateIndices(graph, [rest, slice(graph, shape, [2], [2])]);
    const asColumns = reshapeLike(graph, cast(graph, pixels, 'float32'), lines);
    const narrow = toBytes(batchMatrixMultiply(graph, columns, asColumns));
    const images = concatenateIndices(graph, [rest, height, intVector(graph, [imageSize * 3])]);
    const resized = toBytes(batchMatrixMultiply(graph, rows, reshapeLike(graph, narrow, images)));
    return normalizePixels(graph, reshape(graph, resized, [-1, imageSize, imageSize, 3]));
  });
}
