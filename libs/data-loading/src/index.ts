export { cutOf, cutsOf, openFile, openImage, reasonOf, type OpenedImage, type OpenImageOptions } from './open-image.js';
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
export type { CropPlan } from './transforms/crop/crop-plan.js';
export { placeWindow } from './transforms/crop/place-window.js';
export { centerView, cropSettings, cutOfView, viewsOf, type View } from './transforms/crop/views.js';
export { retouch, retouchFor, type RetouchOptions } from './transforms/pixel/retouch.js';
export { openBatchLoader } from './loader/open-batch-loader.js';
export { laneMixing } from './transforms/batch/lane-mixing.js';
export type { Batch, Mixing } from './batch.js';
