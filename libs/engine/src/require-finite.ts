import { NotFiniteError } from '#contracts';
import { allFinite } from '#vectors';

/** The vector; throws NotFiniteError where an element is infinite or NaN. */
export function requireFinite(vector: Float32Array): Float32Array {
  if (!allFinite(vector))
    throw new NotFiniteError('loss or gradients are not finite; a smaller learning rate or a warm-up may help');
  return vector;
}
