import { protocolSchema } from '#contracts';
import { inspectBytes } from '#dataset';
import { classWeights, layoutOf, type Network } from '#resnet';
import { portableDecoder } from '../decode/portable-decoder.js';
import type { Explained, InferenceEngine, Weights } from '../engine/inference-engine.js';
import { cutView, type PixelImage } from '../evaluation/pixel-image.js';
import { resizeAntialiased } from '../evaluation/resize-antialiased.js';
import { softmax } from '../evaluation/scores.js';
import { viewsOfImage } from '../evaluation/view-maker.js';
import { viewsOf, type View } from '../evaluation/views.js';
import { gradCam } from './grad-cam.js';
import { encodePng, withHeat } from './heat-overlay.js';
import { orientationOf, turnUpright } from './turn-upright.js';
import type { Prediction, PredictionRequest, RefusedImage } from './prediction-messages.js';

/** What predicts. */
export interface LoadedNetwork {
  readonly network: Network;
  readonly engine: InferenceEngine;
  readonly weights: Weights;
}

/** Sides of an overlay, pixels: a map of 7 x 7 shows on no fewer, and more are not worth their bytes. */
const [MIN_OVERLAY, MAX_OVERLAY] = [224, 512];

/**
 * Predicts an image as the evaluation of a single center crop sees it, but upright, as its EXIF orientation says: data
 * sets are taken as they are stored, while a camera's photo should be seen as the person sees it. Decodes with libvips wherever it runs: single
 * operations of TensorFlow must not be met first by a thread that starts while others of its process run.
 */
export async function predictImage(
  { network, engine, weights }: LoadedNetwork,
  { image: bytes, top, overlay }: PredictionRequest,
): Promise<Prediction | RefusedImage> {
  const image = await decode(bytes);
  if ('reason' in image) return image;
  const [view] = viewsOf(protocolSchema.parse({ kind: 'center' }), network.imageSize);
  const [seen] = view === undefined ? [] : viewsOfImage(image, [view]);
  if (view === undefined || seen === undefined) throw new Error('bug: a center crop is one view');
  const explained = engine.explain({ numImages: 1, ...seen });
  const scores = softmax(explained.logits);
  if (!scores.every(Number.isFinite)) throw new Error('the network gives no finite scores: its weights are damaged');
  // Sorting is stable: of equal scores the lower class is better, as in evaluations.
  const ranked = Array.from(scores, (probability, index) => ({ index, probability })).toSorted(
    (a, b) => b.probability - a.probability,
  );
  const ofClass = overlay?.ofClass ?? ranked[0]?.index ?? 0;
  return {
    kind: 'prediction',
    width: image.width,
    height: image.height,
    classes: ranked.slice(0, top),
    overlay: overlay && {
      ofClass,
      png: await drawOverlay(image, view, explained, classWeights(network, layoutOf(network), weights, ofClass)),
    },
  };
}

async function decode(bytes: Uint8Array): Promise<PixelImage | RefusedImage> {
  const inspection = inspectBytes(bytes);
  if (inspection.kind === 'fault') return { kind: 'refused', reason: inspection.reason };
  const { header } = inspection;
  const { width, height } = header;
  try {
    const pixels = await portableDecoder().decodeWhole({ bytes, header });
    if (pixels.length !== width * height * 3) throw new Error(`it does not decode to ${width}x${height} pixels`);
    return turnUpright({ width, height, pixels }, await orientationOf(bytes));
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return { kind: 'refused', reason: `it cannot be decoded: ${reason}` };
  }
}

/** The heat map over the part of the image that the view shows, at the image's own resolution within limits. */
async function drawOverlay(
  image: PixelImage,
  { crop, shorterSide }: View,
  explained: Explained,
  weights: Float32Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const shorter = Math.min(image.width, image.height);
  const seen = Math.max(1, Math.round((shorter * (crop?.side ?? shorterSide)) / shorterSide));
  const square = cutView(image, { flip: false, crop: { position: 'center', side: seen } });
  const side = Math.min(MAX_OVERLAY, Math.max(MIN_OVERLAY, seen));
  const heat = gradCam(explained, weights);
  return encodePng(withHeat(resizeAntialiased(square, { width: side, height: side }), heat));
}
