/** The bits of x - x: none, unless x is infinite or NaN. */
function faultsOf(x: v128): v128 {
  return f32x4.sub(x, x);
}

/** Whether the float32 numbers from `from` to `end`, byte addresses, are finite; sixteen a turn, so `end` is rounded up. */
export function allFinite(from: usize, end: usize): bool {
  let faults = i32x4.splat(0);
  do {
    faults = v128.or(faults, faultsOf(v128.load(from)));
    faults = v128.or(faults, faultsOf(v128.load(from, 16)));
    faults = v128.or(faults, faultsOf(v128.load(from, 32)));
    faults = v128.or(faults, faultsOf(v128.load(from, 48)));
    from += 64;
  } while (from < end);
  return !v128.any_true(faults);
}
