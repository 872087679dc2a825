/** Sums below 2^-126 as zeros of their sign: what TensorFlow's threads and its kernels for GPUs make of them. */
export function flushed(sum: v128): v128 {
  const isSmall = i32x4.eq(v128.and(sum, i32x4.splat(0x7f80_0000)), i32x4.splat(0));
  return v128.andnot(sum, v128.and(isSmall, i32x4.splat(0x7fff_ffff)));
}
