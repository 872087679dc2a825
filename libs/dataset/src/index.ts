export { UnreadableSampleError, type DatasetReader, type SampleEncoding } from './dataset-reader.js';
export { IndexedReader, type ReaderSnapshot } from './indexed-reader.js';
export type { ImageHeader } from './image-format/header-parse.js';
export { parseImageHeader } from './image-format/image-header.js';
export { inspectBytes } from './image-format/inspect-image.js';
export type { Dataset, ScanOptions, ScanProgress } from './dataset.js';
export { openDataset, unreadablePolicy } from './open-dataset.js';
export { inspectDataset, type DatasetInspection } from './inspect-dataset.js';
export { detectDatasetKind, surveyDataset, type DatasetSurvey } from './survey-dataset.js';
export { epochOrder } from './epoch-order.js';
export {
  augmentationFor,
  defaultAugmentation,
  evaluationSide,
  hasConstantWindow,
  type AugmentationKind,
  type AugmentationRequest,
} from './augmentation/augmentation.js';
export { retouch, retouchFor, type RetouchOptions } from './augmentation/retouch.js';
export { PADDING_RGB, type CropPlan } from './augmentation/crop-plan.js';
export { makeShapesDataset, type ShapesOptions, type ShapesResult } from './shapes/make-shapes-dataset.js';
