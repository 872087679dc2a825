import * as tf from '@tensorflow/tfjs';

const hasRank4 = (value: unknown): value is tf.Tensor4D => value instanceof tf.Tensor && value.rank === 4;
const hasRank2 = (value: unknown): value is tf.Tensor2D => value instanceof tf.Tensor && value.rank === 2;

/** The tensor, known to have four dimensions. */
export function asTensor4D(value: unknown): tf.Tensor4D {
  if (hasRank4(value)) return value;
  throw new Error('a tensor of four dimensions was expected');
}

/** The tensor, known to have two dimensions. */
export function asTensor2D(value: unknown): tf.Tensor2D {
  if (hasRank2(value)) return value;
  throw new Error('a tensor of two dimensions was expected');
}
