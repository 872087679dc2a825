import {
  centerTestCrop,
  cutOf,
  cutOfTestCrop,
  openFile,
  reasonOf,
  type ImageDecoder,
  type OpenedImage,
  type TestCrop,
} from '#data-loading';
import { classWeights, layoutOf, type Network } from '#resnet';
import type { Explained, InferenceEngine, Weights } from '#engine';
import { softmax } from '../protocols/scores.js';
import { gradCam } from './grad-cam.js';
import { encodePng, withHeat } from './heat-overlay.js';
import type { Prediction, PredictionRequest, RefusedImage } from './prediction-messages.js';

/** What predicts. */
export interface LoadedNetwork {
  readonly network: Network;
  readonly engine: InferenceEngine;
  readonly weights: Weights;
  readonly decoder: ImageDecoder;
}

/** Sides of an overlay, pixels: a map of 7 x 7 shows on no fewer, and more are not worth their bytes. */
const [MIN_OVERLAY, MAX_OVERLAY] = [224, 512];

/** Predicts an image as the validation of the network's run sees it: the single center crop of the same pixels. */
export async function predictImage(
  { network, engine, weights, decoder }: LoadedNetwork,
  { image: bytes, orientation, top, overlay }: PredictionRequest,
): Promise<Prediction | RefusedImage> {
  const crop = centerTestCrop(network.imageSize);
  let image: OpenedImage;
  let seen: Awaited<ReturnType<typeof cutOf>>;
  try {
    image = openFile(bytes, { decoder, orientation });
    seen = await cutOf(image, cutOfTestCrop(image, crop));
  } catch (error) {
    return { kind: 'refused', reason: reasonOf(error) };
  }
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
      png: await drawOverlay(image, crop, explained, classWeights(network, layoutOf(network), weights, ofClass)),
    },
  };
}

/** The heat map over the part of the image that the crop shows, at the image's own resolution within limits. */
async function drawOverlay(
  image: OpenedImage,
  { crop, shorterSide }: TestCrop,
  explained: Explained,
  weights: Float32Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const share = (crop?.side ?? shorterSide) / shorterSide;
  const seen = Math.max(1, Math.round(Math.min(image.width, image.height) * share));
  const side = Math.min(MAX_OVERLAY, Math.max(MIN_OVERLAY, seen));
  const shown = { shorterSide: Math.round(side / share), flip: false, crop: { position: 'center', side } } as const;
  const square = await cutOf(image, cutOfTestCrop(image, shown));
  return encodePng(withHeat(square, gradCam(explained, weights)));
}
