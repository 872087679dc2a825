import type { RunView } from '#contracts';

type Dataset = RunView['spec']['dataset'];

/** What a run does with its data set that is not the default, in words. */
export function datasetWords(dataset: Dataset): readonly string[] {
  const words: string[] = [];
  if ('split' in dataset && dataset.split !== undefined) {
    const { validation, seed } = dataset.split;
    words.push(`${percent(validation)} of every class for validation (seed ${seed})`);
  }
  if (dataset.shuffle === 'blocks') words.push('shuffled by blocks');
  if (dataset.balance === 'classes') words.push('classes drawn equally often');
  if (dataset.augmentation !== undefined) words.push(`augmentation ${dataset.augmentation}`);
  if ('unreadable' in dataset && dataset.unreadable === 'skip') words.push('unreadable images left out');
  if ('orientation' in dataset && dataset.orientation === 'as-stored') words.push('images as stored, not turned');
  return words;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;
