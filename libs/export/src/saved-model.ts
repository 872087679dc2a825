import { emitTrainedNetwork } from '#engine';
import {
  decodeImage,
  encodeSavedModel,
  expandFirst,
  GraphBuilder,
  identity,
  softmax,
  tensorSpec,
  type Signature,
  type TensorSpec,
} from '#tensorflow-graph';
import type { ExportedFile, ExportedModel } from './exported-model.js';
import { preprocessPixels } from './preprocessing/preprocess-pixels.js';

/**
 * A SavedModel for inference, the weights as constants in its graph. All signatures give `logits` and `probabilities`:
 *
 * | signature | input |
 * |---|---|
 * | serving_default | `images`, uint8 [N,H,W,3], RGB, any size |
 * | encoded | `image_bytes`, string [], one JPEG or PNG file |
 * | normalized | `images`, float32 [N,S,S,3], what the network sees |
 *
 * Cost: one copy of the weights in memory and in the file.
 */
export function exportSavedModel(model: ExportedModel): readonly ExportedFile[] {
  const { network, classes } = model;
  const graph = new GraphBuilder();
  const bytes = graph.placeholder('image_bytes', 'string', []);
  // A signature feeds its own tensor; what would have computed it is not run then. TensorFlow's Python takes shapes from
  // the graph: without its own one `images` would be a single image for ever.
  const imagesShape = [-1, -1, -1, 3];
  const normalizedShape = [-1, network.imageSize, network.imageSize, 3];
  const pixels = graph.placeholderOr('images', expandFirst(graph, decodeImage(graph, bytes)), imagesShape);
  const normalized = graph.placeholderOr(
    'normalized_images',
    preprocessPixels(graph, pixels, network.imageSize),
    normalizedShape,
  );
  const logits = identity(graph, emitTrainedNetwork(graph, model, normalized), 'logits');
  const shape = [-1, network.numClasses];
  const outputs = {
    logits: tensorSpec(logits, shape),
    probabilities: tensorSpec(identity(graph, softmax(graph, logits), 'probabilities'), shape),
  };
  const taking = (inputs: Readonly<Record<string, TensorSpec>>): Signature => ({ inputs, outputs });
  const saved = encodeSavedModel(graph, {
    serving_default: taking({ images: tensorSpec(pixels, imagesShape) }),
    encoded: taking({ image_bytes: tensorSpec(bytes, []) }),
    normalized: taking({ images: tensorSpec(normalized, normalizedShape) }),
  });
  const files: ExportedFile[] = [{ path: 'saved_model.pb', bytes: saved }];
  if (classes !== undefined) {
    // The folder that TensorFlow leaves to users.
    files.push({ path: 'assets.extra/classes.json', bytes: Buffer.from(`${JSON.stringify(classes)}\n`) });
  }
  return files;
}
