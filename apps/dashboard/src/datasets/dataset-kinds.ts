import type { DatasetSpec } from '#contracts';

/** What each format is called, and what its location holds. */
export const DATASET_KIND_WORDS: Readonly<
  Record<DatasetSpec['kind'], { readonly title: string; readonly holds: string }>
> = {
  'image-folder': { title: 'Image folder', holds: 'train/CLASS/*.jpg and val/CLASS/*.jpg' },
  manifest: { title: 'Manifest', holds: 'a CSV or JSON lines table of files and labels' },
  imagenet: { title: 'ImageNet', holds: 'the ILSVRC2012 tars unopened, or Kaggle’s folders' },
  webdataset: { title: 'WebDataset', holds: 'tar shards of images beside their labels' },
  parquet: { title: 'Parquet', holds: 'parquet files with encoded images' },
  cifar10: { title: 'CIFAR-10', holds: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin' },
  cifar100: { title: 'CIFAR-100', holds: 'train.bin and test.bin' },
};

/** In the order of the table. */
export const DATASET_KIND_OPTIONS = (Object.keys(DATASET_KIND_WORDS) as DatasetSpec['kind'][]).map((kind) => ({
  value: kind,
  label: DATASET_KIND_WORDS[kind].title,
}));
