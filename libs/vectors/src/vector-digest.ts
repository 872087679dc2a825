import { createHash } from 'node:crypto';
import { addWords, compileKernels, get, kernel, load, multiplyWords, or, set, shiftLeft } from './simd-module.js';
import { OTHER, shiftRight, storeAt, TARGET, VECTORS, words, type Code } from './simd-module.js';

const [SUM, ...STATE] = VECTORS;
/** Two of xxHash32's primes. */
const [PRIME_1, PRIME_2] = [0x9e37_79b1, 0x85eb_ca77];

/**
 * Sixteen words of state, each mixed as xxHash32 mixes its four:
 *
 *   word = rotate(word + input * 0x85EBCA77, 13) * 0x9E3779B1
 */
const mixed = (word: number, offset: number): Code => [
  ...addWords(multiplyWords(load(TARGET, offset), words(PRIME_2)), get(word)),
  ...set(SUM),
  ...multiplyWords(or(shiftLeft(get(SUM), 13), shiftRight(get(SUM), 19)), words(PRIME_1)),
  ...set(word),
];

/** The target is read; the other is the state, which stays in the registers meanwhile. */
const { page, run } = compileKernels({
  mix: kernel(
    STATE.flatMap((word, index) => mixed(word, index * 16)),
    {
      target: 64,
      other: 0,
      before: STATE.flatMap((word, index) => [...load(OTHER, index * 16), ...set(word)]),
      after: STATE.flatMap((word, index) => storeAt(OTHER, get(word), index * 16)),
    },
  ),
});

/** Elements mixed at once: 32 KiB, half of the page. */
const BLOCK = 8_192;
const BLOCK_BYTES = BLOCK * 4;
const STATE_WORDS = 16;

const block = new Float32Array(page, 0, BLOCK);
const state = new Uint8Array(page, BLOCK_BYTES, STATE_WORDS * 4);

/** Elements mixed before the event loop has its turn, a multiple of BLOCK: 4 MiB, some 2 ms. */
const PIECE = 128 * BLOCK;

/**
 * 128 bits in hex of the bits of a vector: equal for equal bits, and different, but for one chance in 2^32 or less, for
 * others. Against mishaps, not against forgers. The vector is read as zero-padded to whole turns; its length counts.
 *
 * 102 MB took 34 to 59 ms on a busy machine, SHA-256 of the same bytes 138. Long vectors are read piece by piece, so
 * that whatever else the thread has to do waits for 2 ms at most. Borrows the vector until it resolves.
 */
export async function vectorDigest(vector: Float32Array): Promise<string> {
  const kept = new Uint8Array(STATE_WORDS * 4);
  for (let from = 0; from < vector.length; from += PIECE) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    // Others use the module between two pieces.
    state.set(kept);
    mixPiece(vector.subarray(from, from + PIECE));
    kept.set(state);
  }
  const hash = createHash('sha256').update(kept).update(String(vector.length));
  return hash.digest('hex').slice(0, 32);
}

function mixPiece(piece: Float32Array): void {
  for (let from = 0; from < piece.length; from += BLOCK) {
    const part = piece.subarray(from, from + BLOCK);
    block.set(part);
    const bytes = Math.ceil(part.length / STATE_WORDS) * STATE_WORDS * 4;
    if (part.length < BLOCK) block.fill(0, part.length);
    run.mix(0, BLOCK_BYTES, bytes);
  }
}
