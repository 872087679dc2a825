/**
 * target += other, element by element, each sum rounded once to fp32.
 *
 * JavaScript adds in fp64 and rounds on the store; for a single addition of two fp32 numbers that gives exactly the
 * fp32 sum (53 >= 2 * 24 + 2, Figueroa 1995), so it has the bits of a native fp32 addition without flush to zero.
 */
export function addInto(target: Float32Array, other: Float32Array): void {
  const length = target.length;
  if (other.length !== length) throw new RangeError(`cannot add ${other.length} elements to ${length}`);
  for (let index = 0; index < length; index += 1) {
    target[index] = (target[index] ?? 0) + (other[index] ?? 0);
  }
}
