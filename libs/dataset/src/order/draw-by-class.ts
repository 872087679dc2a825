import { permutation } from '#contracts';

/** Keep these streams apart from the others that are keyed by (seed, epoch). */
const QUOTA_KEY = 0x71756f74;
const DRAW_KEY = 0x64726177;

/**
 * Draws an epoch of as many samples as there are, the same number of every class or one more. Which classes get one more, and
 * which samples of a class are drawn once more than the others (or at all), is a pure function of (seed, epoch, labels).
 * The result has a **draw** for each: sample + k x labels.length is the sample's look k of this epoch, from 0, so that every look
 * can be augmented in its own way. They are in the order of their samples.
 */
export function drawByClass(labels: Uint32Array, { seed, epoch }: { seed: number; epoch: number }): Uint32Array {
  const numSamples = labels.length;
  const members = membersOf(labels);
  const share = Math.floor(numSamples / members.length);
  const favoured = new Set(
    permutation(members.length, QUOTA_KEY, seed, epoch).subarray(0, numSamples % members.length),
  );
  const numLooks = new Uint32Array(numSamples);
  for (const [at, samples] of members.entries()) {
    const quota = share + (favoured.has(at) ? 1 : 0);
    const everyOne = Math.floor(quota / samples.length);
    for (const sample of samples) numLooks[sample] = everyOne;
    const onceMore = permutation(samples.length, DRAW_KEY, seed, epoch, at).subarray(0, quota % samples.length);
    for (const member of onceMore) numLooks[samples[member] ?? 0] = everyOne + 1;
  }
  // A draw has 32 bits; beyond them looks begin anew.
  const maxLooks = Math.floor(2 ** 32 / numSamples);
  const draws = new Uint32Array(numSamples);
  let filled = 0;
  for (const [sample, looks] of numLooks.entries()) {
    for (let look = 0; look < looks; look += 1, filled += 1) draws[filled] = sample + (look % maxLooks) * numSamples;
  }
  return draws;
}

/** The samples of every class that has any, in order. */
function membersOf(labels: Uint32Array): Uint32Array[] {
  const counts = new Uint32Array(labels.reduce((most, label) => Math.max(most, label), 0) + 1);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const columns = Array.from(counts, (count) => ({ samples: new Uint32Array(count), filled: 0 }));
  for (const [sample, label] of labels.entries()) {
    const column = columns[label];
    if (column) column.samples[column.filled++] = sample;
  }
  return columns.map(({ samples }) => samples).filter(({ length }) => length > 0);
}
