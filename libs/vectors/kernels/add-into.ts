import { flushed } from './shared/flushed';

function added(target: usize, other: usize): v128 {
  return flushed(f32x4.add(v128.load(target), v128.load(other)));
}

/** `target += other` for the float32 vectors of `add-into`. `target` and `other` are byte addresses, `end` is where the target ends. */
export function add(target: usize, other: usize, end: usize): void {
  // Four vectors a turn: the loads of one addition overlap the others.
  do {
    v128.store(target, added(target, other));
    v128.store(target, added(target + 16, other + 16), 16);
    v128.store(target, added(target + 32, other + 32), 32);
    v128.store(target, added(target + 48, other + 48), 48);
    target += 64;
    other += 64;
  } while (target < end);
}
