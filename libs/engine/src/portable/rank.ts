import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs';

const hasRank = (value: unknown, rank: number): boolean =>
  typeof value === 'object' && value !== null && 'rank' in value && value.rank === rank;
const hasRank4 = (value: unknown): value is Tensor4D => hasRank(value, 4);
const hasRank2 = (value: unknown): value is Tensor2D => hasRank(value, 2);

/** The tensor, known to have four dimensions. */
export function asTensor4D(value: unknown): Tensor4D {
  if (hasRank4(value)) return value;
  throw new Error('a tensor of four dimensions was expected');
}

/** The tensor, known to have two dimensions. */
export function asTensor2D(value: unknown): Tensor2D {
  if (hasRank2(value)) return value;
  throw new Error('a tensor of two dimensions was expected');
}
