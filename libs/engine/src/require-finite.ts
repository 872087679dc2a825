import { allFinite } from '#vectors';

/** The vector; throws where an element is infinite or NaN. */
export function requireFinite(vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  if (!allFinite(vector))
    throw new Error('loss or gradients are not finite; a smaller learning rate or a warm-up may help');
  return vector;
}
