import { open } from 'node:fs/promises';
import type { WeightsFit } from './fit-weights.js';
import type { OpenTensor } from './open-weights.js';
import { encodeHeader } from './safetensors-codec.js';

/**
 * Writes what a network takes of an open file, and the head that it may not take, as safetensors under its own names, in the
 * types that the file has: what is read from it later is no pickle. Our own files keep their bytes. One tensor at a time is
 * in memory.
 */
export async function saveWeights(
  { taken, tensors }: Pick<WeightsFit<OpenTensor>, 'taken' | 'tensors'>,
  path: string,
): Promise<void> {
  const names = new Set(taken.map(({ name }) => name));
  const kept = [...tensors].filter(([name]) => names.has(name) || name.startsWith('fc.'));
  const described = kept.map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  await using file = await open(path, 'w');
  await file.writeFile(encodeHeader(described, { format: 'pt' }));
  for (const [, tensor] of kept) await file.writeFile((await tensor.read()).data);
}
