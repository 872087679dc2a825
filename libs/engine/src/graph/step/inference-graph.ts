import type { Precision } from '#contracts';
import { COMPUTE_TYPES } from '../../layers/layer.js';
import { DEFAULT_STEP_CONFIG } from '../../step-config.js';
import { cast, encodeSavedModel, floatScalar, GraphBuilder, identity, tensorSpec } from '#tensorflow-graph';
import type { VectorLayout } from '#resnet';
import type { Network } from '#resnet';
import { classifierHead } from '#resnet';
import { emitForward, normalizePixels } from './network-passes.js';
import { declareReplicaVariables, writeWeights } from './replica-variables.js';

/**
 * Writes a network that is looked at and not trained as a SavedModel, for images of any size: it is fully convolutional
 * up to the average over the whole map. Signatures (P and S are the lengths of parameters and statistics; *bits* as in
 * the replica's graph):
 *
 * | signature | inputs | outputs |
 * |---|---|---|
 * | predict | images uint8 [N,H,W,3] | logits [N, classes] |
 * | explain | images uint8 [N,H,W,3] | logits [N, classes], features [N,h,w,C]: of the last stage, before the average |
 * | writeWeights | bits of parameters [P] and statistics [S] | done |
 */
export function encodeInferenceGraph(
  network: Network,
  layout: VectorLayout,
  precision: Precision = 'fp32',
): Uint8Array {
  const graph = new GraphBuilder();
  const variables = declareReplicaVariables(graph, layout, DEFAULT_STEP_CONFIG);
  const imagesShape = [-1, -1, -1, 3];
  const pixels = graph.placeholder('images', 'uint8', imagesShape);
  const images = normalizePixels(graph, pixels);
  const { logits, outputs: tensors } = emitForward(graph, {
    network,
    layout,
    variables,
    images,
    sides: 'any-size',
    computeType: COMPUTE_TYPES[precision],
  });
  const { features: last, dense } = classifierHead(network);
  const features = cast(graph, tensors[last] ?? images, 'float32');
  const fed = {
    parameters: graph.placeholder('parametersBits', 'int32', [layout.numParameters]),
    statistics: graph.placeholder('statisticsBits', 'int32', [layout.numStatistics]),
  };
  const written = identity(graph, floatScalar(graph, 0), 'written', writeWeights(graph, variables, fed));
  const inputs = { images: tensorSpec(pixels, imagesShape) };
  const outputs = { logits: tensorSpec(logits, [-1, network.numClasses]) };
  return encodeSavedModel(graph, {
    predict: { inputs, outputs },
    explain: { inputs, outputs: { ...outputs, features: tensorSpec(features, [-1, -1, -1, dense.inFeatures]) } },
    writeWeights: {
      inputs: {
        parameters: tensorSpec(fed.parameters, [layout.numParameters]),
        statistics: tensorSpec(fed.statistics, [layout.numStatistics]),
      },
      outputs: { done: tensorSpec(written, []) },
    },
  });
}
