import { emitTrainedNetwork } from '#engine';
import { encodeGraphModel, GraphBuilder, identity, softmax, tensorSpec } from '#tensorflow-graph';
import type { ExportedFile, ExportedModel } from './exported-model.js';
import { preprocessPixels } from './preprocessing/preprocess-pixels.js';

/**
 * A TensorFlow.js graph model: `images`, int32 [N,H,W,3], RGB of any size (what `tf.browser.fromPixels` gives, with a
 * first axis), to `logits` and `probabilities`. Class names are in `userDefinedMetadata.classes`.
 */
export function exportTfjsGraphModel(model: ExportedModel): readonly ExportedFile[] {
  const { network, classes } = model;
  const graph = new GraphBuilder();
  const imagesShape = [-1, -1, -1, 3];
  const pixels = graph.placeholder('images', 'int32', imagesShape);
  const logits = identity(
    graph,
    emitTrainedNetwork(graph, model, preprocessPixels(graph, pixels, network.imageSize)),
    'logits',
  );
  const probabilities = identity(graph, softmax(graph, logits), 'probabilities');
  const shape = [-1, network.numClasses];
  const { json, shards } = encodeGraphModel(
    graph,
    {
      inputs: { images: tensorSpec(pixels, imagesShape) },
      outputs: { logits: tensorSpec(logits, shape), probabilities: tensorSpec(probabilities, shape) },
    },
    { architecture: network.architecture, imageSize: network.imageSize, ...(classes && { classes }) },
  );
  return [
    { path: 'model.json', bytes: Buffer.from(json) },
    ...shards.map(({ name, bytes }) => ({ path: name, bytes })),
  ];
}
