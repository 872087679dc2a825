/** Both floats of a pair reach the lower half of the word, where a weight spreads every bit of it: x + (x >> 33). */
function folded(pair: v128): v128 {
  return i64x2.add(pair, i64x2.shr_s(pair, 33));
}

/** Sum of the pairs of floats from `from` to `end`, folded, times the weights at `weights`, modulo 2^64. Four pairs a turn. */
export function digest(from: usize, end: usize, weights: usize): i64 {
  // Two sums: the multiplications of one overlap the other's.
  let first = i64x2.splat(0);
  let second = i64x2.splat(0);
  do {
    first = i64x2.add(first, i64x2.mul(folded(v128.load(from)), v128.load(weights)));
    second = i64x2.add(second, i64x2.mul(folded(v128.load(from, 16)), v128.load(weights, 16)));
    from += 32;
    weights += 32;
  } while (from < end);
  const sum = i64x2.add(first, second);
  return i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
}
