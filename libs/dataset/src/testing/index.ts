export { SampleIndexBuilder } from '../sample-index.js';
export { pillowImages, refusedImages } from './pillow-images.js';
export { testRecords } from './test-cifar.js';
export { testFolder, writeSoundDataset, type TestFolder } from './test-folder.js';
export { writeImageNetTars, writeKaggle } from './test-imagenet.js';
export { writeShards } from './test-shards.js';
