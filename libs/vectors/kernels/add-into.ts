import { flushed } from './shared/flushed';

function sumAt(left: usize, right: usize): v128 {
  return flushed(f32x4.add(v128.load(left), v128.load(right)));
}

/**
 * `target = left + right` for the float32 vectors of `add-into`; the target may be one of the two. All are byte addresses,
 * `end` is where the target ends.
 */
export function add(target: usize, left: usize, right: usize, end: usize): void {
  // Four vectors a turn: the loads of one addition overlap the others.
  do {
    v128.store(target, sumAt(left, right));
    v128.store(target, sumAt(left + 16, right + 16), 16);
    v128.store(target, sumAt(left + 32, right + 32), 32);
    v128.store(target, sumAt(left + 48, right + 48), 48);
    target += 64;
    left += 64;
    right += 64;
  } while (target < end);
}
