import { createHash } from 'node:crypto';

/**
 * A WebAssembly module with one function, `mix(from, bytes, state)`, over the imported memory `a.m`; bytes is a multiple
 * of 64. Sixteen words of state, four i32x4 at a time, each mixed as xxHash32 mixes its four:
 *
 *   word = rotate(word + input * 0x85EBCA77, 13) * 0x9E3779B1
 */
const MIX_MODULE = Buffer.from(
  '0061736d0100000001070160037f7f7f000209010161016d0201010103020100070701036d697800000a9002018d0202017f067b20002001' +
    '6a210341b1f3ddf179fd11210841f794afaf78fd1121092002fd00040021042002fd00041021052002fd00042021062002fd000430210703' +
    '402000fd0004002009fdb5012004fdae012204410dfdab0120044113fdad01fd502008fdb50121042000fd0004102009fdb5012005fdae01' +
    '2205410dfdab0120054113fdad01fd502008fdb50121052000fd0004202009fdb5012006fdae012206410dfdab0120064113fdad01fd5020' +
    '08fdb50121062000fd0004302009fdb5012007fdae012207410dfdab0120074113fdad01fd502008fdb5012107200041c0006a2200200349' +
    '0d000b20022004fd0b040020022005fd0b041020022006fd0b042020022007fd0b04300b',
  'hex',
);

/** Elements mixed at once: 32 KiB, half of the module's single page. */
const BLOCK = 8_192;
const BLOCK_BYTES = BLOCK * 4;
const STATE_WORDS = 16;

const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
const { mix } = new WebAssembly.Instance<{
  readonly mix: (from: number, bytes: number, state: number) => void;
}>(new WebAssembly.Module(MIX_MODULE), { a: { m: memory } }).exports;
const block = new Float32Array(memory.buffer, 0, BLOCK);
const state = new Uint8Array(memory.buffer, BLOCK_BYTES, STATE_WORDS * 4);

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
  const words = new Uint8Array(STATE_WORDS * 4);
  for (let from = 0; from < vector.length; from += PIECE) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    // Others use the module between two pieces.
    state.set(words);
    mixPiece(vector.subarray(from, from + PIECE));
    words.set(state);
  }
  const hash = createHash('sha256').update(words).update(String(vector.length));
  return hash.digest('hex').slice(0, 32);
}

function mixPiece(piece: Float32Array): void {
  for (let from = 0; from < piece.length; from += BLOCK) {
    const part = piece.subarray(from, from + BLOCK);
    block.set(part);
    const bytes = Math.ceil(part.length / STATE_WORDS) * STATE_WORDS * 4;
    if (part.length < BLOCK) block.fill(0, part.length);
    mix(0, bytes, BLOCK_BYTES);
  }
}
