import type { DatasetSamples } from '#contracts';
import { epochOrder, type IndexedReader } from '#dataset';
import type { SampleChoice } from './sample-messages.js';

/** A page of a split's samples. */
export function listSamples(reader: IndexedReader, { label, seed, offset, count }: SampleChoice): DatasetSamples {
  const { labels, widths, heights, lengths } = reader.snapshot.index;
  const all = Array.from(labels.keys());
  const chosen = label === undefined ? all : all.filter((sample) => labels[sample] === label);
  const order = seed === undefined ? chosen : Array.from(epochOrder(seed, 0, chosen.length), (at) => chosen[at] ?? 0);
  return {
    total: chosen.length,
    samples: order.slice(offset, offset + count).map((sample) => ({
      sample,
      description: reader.describe(sample),
      label: labels[sample] ?? 0,
      width: widths[sample] ?? 0,
      height: heights[sample] ?? 0,
      sizeBytes: lengths[sample] ?? 0,
    })),
  };
}
