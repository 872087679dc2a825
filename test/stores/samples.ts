import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { datasetSchema } from '#contracts';
import { openDataset } from '#dataset';
import { readStoreSettings } from '#stores';
import { z } from 'zod';
import type { Operation } from '../operations/operation.js';

const sampleSchema = z.strictObject({
  split: z.enum(['train', 'val']),
  label: z.int(),
  /** What the class is called. */
  name: z.string(),
  sha256: z.string(),
});

/** A sample as a referee and we tell it. */
export type ToldSample = z.infer<typeof sampleSchema>;

/** What a script of Python printed. */
export const toldSamples = (text: string): readonly ToldSample[] => z.array(sampleSchema).parse(JSON.parse(text));

/** Every sample as we read it, training first. What has to be unpacked is unpacked into a folder of the case. */
export async function ourSamples(
  { folder }: Operation,
  spec: z.input<typeof datasetSchema>,
): Promise<readonly ToldSample[]> {
  const stores = readStoreSettings({ SKIPLANE_SHARD_CACHE: join(folder, 'unpacked') });
  const { train, validation, classNames } = await openDataset(datasetSchema.parse(spec), { stores });
  const samples: ToldSample[] = [];
  for (const [split, reader] of [['train', train] as const, ['val', validation] as const]) {
    for (let sample = 0; sample < reader.length; sample += 1) {
      const label = reader.label(sample);
      const hash = createHash('sha256').update(await reader.read(sample));
      samples.push({ split, label, name: classNames[label] ?? '', sha256: hash.digest('hex') });
    }
    await reader.close();
  }
  return samples;
}

/** Throws unless both tell the same samples in the same order; `fields` are those that are compared. */
export function areEqual(
  what: string,
  { ours, theirs }: { readonly ours: readonly ToldSample[]; readonly theirs: readonly ToldSample[] },
  fields: readonly (keyof ToldSample)[] = ['split', 'label', 'name', 'sha256'],
): void {
  if (ours.length !== theirs.length)
    throw new Error(`${what}: ${ours.length} samples, the referee has ${theirs.length}`);
  const at = ours.findIndex((sample, place) => fields.some((field) => sample[field] !== theirs[place]?.[field]));
  if (at >= 0) throw new Error(`${what}: sample ${at}: ${JSON.stringify([ours[at], theirs[at]])}`);
}
