export { UnreadableSampleError, type DatasetReader } from './dataset-reader.js';
export { IndexedReader, type ReaderSnapshot } from './indexed-reader.js';
export type { ImageHeader } from './image-format/header-parse.js';
export { parseImageHeader } from './image-format/image-header.js';
export { openImageFolder, type ImageFolder } from './image-folder/open-image-folder.js';
export type { ImageFolderOptions, ImageFolderProgress } from './image-folder/image-folder-options.js';
export { inspectDataset, type DatasetInspection } from './inspect-dataset.js';
export { epochOrder } from './epoch-order.js';
export {
  augmentationFor,
  defaultAugmentation,
  hasConstantWindow,
  type AugmentationKind,
  type AugmentationRequest,
} from './augmentation/augmentation.js';
export { PADDING_RGB, type CropPlan } from './augmentation/crop-plan.js';
export { makeShapesDataset, type ShapesOptions, type ShapesResult } from './shapes/make-shapes-dataset.js';
