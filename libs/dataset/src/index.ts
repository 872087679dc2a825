export { UnreadableSampleError, type DatasetReader, type SampleEncoding } from './dataset-reader.js';
export { ReadMemory } from './read-memory.js';
export { IndexedReader, type ReaderSnapshot } from './indexed-reader.js';
export { fetchedFilesOf, openFilesOf } from './split-files.js';
export type { ImageHeader } from './image-format/header-parse.js';
export { bmpLayout, bmpLineBytes, type BmpLayout } from './image-format/bmp-layout.js';
export { firstGifFrame, type GifFrame } from './image-format/gif-header.js';
export { parseImageHeader } from './image-format/image-header.js';
export { inspectBytes } from './image-format/inspect-image.js';
export type { Dataset, ScanOptions, ScanProgress } from './dataset.js';
export { openDataset, orientationOf, unreadablePolicy } from './open-dataset.js';
export { inspectDataset, type DatasetInspection } from './inspect-dataset.js';
export {
  findIndexFile,
  KeptDatasets,
  removeUnusedDatasets,
  type KeptDatasetsOptions,
  type KeptInspection,
} from './kept/kept-datasets.js';
export { indexKey, surveyKey } from './kept/index-key.js';
export { openKeptDataset } from './kept/open-kept-dataset.js';
export { openKnownDataset, type IndexAccess } from './kept/open-known-dataset.js';
export { readShared } from './kept/index-file.js';
export { detectDatasetKind } from './detect-kind.js';
export { surveyDataset, type DatasetSurvey } from './survey-dataset.js';
export type { SizeSpread, SurveyContent } from './survey-figures.js';
export { describeShared, findDuplicates, type SharedImages } from './inspection/find-duplicates.js';
export { epochOrder } from './order/epoch-order.js';
export { drawByClass } from './order/draw-by-class.js';
export { blockOrder } from './order/block-order.js';
export type { SampleIndex } from './sample-index.js';
export { makeShapesDataset, type ShapesOptions, type ShapesResult } from './shapes/make-shapes-dataset.js';
export { packDataset, type PackResult } from './pack/pack-dataset.js';
export type { Shrink } from './pack/pack-files.js';
export { verifyPack } from './pack/verify-pack.js';
export type { EncodeSample } from './pack/write-shard.js';
