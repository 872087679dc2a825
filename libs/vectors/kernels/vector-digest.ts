/** Sixteen words of state, each mixed as xxHash32 mixes its four: word = rotate(word + input * PRIME_2, 13) * PRIME_1. */

const PRIME_1: i32 = 0x9e37_79b1;
const PRIME_2: i32 = 0x85eb_ca77;

function mixed(word: v128, input: v128): v128 {
  const sum = i32x4.add(i32x4.mul(input, i32x4.splat(PRIME_2)), word);
  const rotated = v128.or(i32x4.shl(sum, 13), i32x4.shr_u(sum, 19));
  return i32x4.mul(rotated, i32x4.splat(PRIME_1));
}

/** Mixes the words from `from` to `end` into the state at `state`, byte addresses; sixteen words a turn. */
export function mix(from: usize, end: usize, state: usize): void {
  // The state stays in registers.
  let first = v128.load(state);
  let second = v128.load(state, 16);
  let third = v128.load(state, 32);
  let fourth = v128.load(state, 48);
  do {
    first = mixed(first, v128.load(from));
    second = mixed(second, v128.load(from, 16));
    third = mixed(third, v128.load(from, 32));
    fourth = mixed(fourth, v128.load(from, 48));
    from += 64;
  } while (from < end);
  v128.store(state, first);
  v128.store(state, second, 16);
  v128.store(state, third, 32);
  v128.store(state, fourth, 48);
}
