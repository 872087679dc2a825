export { cutOf, cutsOf, openFile, openImage, reasonOf, type OpenedImage, type OpenImageOptions } from './open-image.js';
export { decodeSample } from './decode-sample.js';
export type { PixelImage, Size, Window } from './pixel-image.js';
export type { ImageDecoder } from './decoders/image-decoder.js';
export { makeDecoder } from './decoders/make-decoder.js';
export {
  augmentationFor,
  defaultAugmentation,
  hasConstantCut,
  type AugmentationKind,
  type AugmentationRequest,
} from './transforms/crop/augmentation.js';
export type { CropParameters } from './transforms/crop/crop-parameters.js';
export { placeWindow } from './transforms/crop/place-window.js';
export {
  centerTestCrop,
  cropSettings,
  cutOfTestCrop,
  testCropsOf,
  type TestCrop,
} from './transforms/crop/test-crops.js';
export { transformPixels, pixelTransformFor, type PixelTransformOptions } from './transforms/pixel/pixel-transforms.js';
export { decodeAll, type UndecodableSample } from './inspection/decode-all.js';
export { NearDuplicates } from './inspection/near-duplicates.js';
export { openBatchLoader } from './loader/open-batch-loader.js';
export { Foresight, type SampleRounds, type WantedSamples } from './loader/foresight.js';
export { mixupOfLane } from './transforms/batch/mixup-cutmix.js';
export type { Batch, Mixup } from './batch.js';
export { samplePicture, type SampleView } from './preview/sample-picture.js';
export { sampleEncoder } from './packing/sample-encoder.js';
