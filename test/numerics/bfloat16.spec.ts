import { cast, encodeSavedModel, bitcast, GraphBuilder, tensorSpec } from '#tensorflow-graph';
import { Session } from '#tensorflow-runtime';
import { randomStream } from '#contracts';
import { describe, expect, it } from '@jest/globals';
import { packBfloat16, unpackBfloat16 } from '../../libs/vectors/src/bfloat16.js';

/** float32 to bfloat16 and back, fed and fetched as bits. */
function castModel(): Uint8Array {
  const graph = new GraphBuilder();
  const input = graph.placeholder('input', 'int32', [-1]);
  const rounded = cast(graph, bitcast(graph, input, 'float32'), 'bfloat16');
  const output = bitcast(graph, cast(graph, rounded, 'float32'), 'int32');
  const signature = { inputs: { input: tensorSpec(input, [-1]) }, outputs: { output: tensorSpec(output, [-1]) } };
  return encodeSavedModel(graph, { cast: signature });
}

const SMALLEST_NORMAL = 0x0080_0000;
const INFINITE = 0x7f80_0000;

describe("the 16-bit wire's rounding", () => {
  it("is TensorFlow's, ties, infinities and NaNs included", () => {
    const stream = randomStream(1);
    const borders = [0, 0x7fff, 0x8000, 0x8001, 0x1_8000, 0xffff].flatMap((low) =>
      [SMALLEST_NORMAL, 0x3f80_0000, 0x7f7f_0000, INFINITE].flatMap((high) => [high + low, high + low + 2 ** 31]),
    );
    const drawn = Array.from({ length: 20_000 }, () => stream.nextInt(2 ** 31) * 2 + stream.nextInt(2));
    // TensorFlow's threads take subnormal numbers for zero; the wire keeps them.
    const bits = Uint32Array.from([0, 2 ** 31, ...borders, ...drawn.filter((each) => (each & 0x7f80_0000) !== 0)]);
    const session = Session.fromBytes(castModel());
    const { output } = session.run('cast', { input: { data: new Int32Array(bits.buffer), shape: [bits.length] } });
    session.close();
    const packed = new Uint16Array(bits.length);
    packBfloat16(packed, new Float32Array(bits.buffer));
    const own = new Float32Array(bits.length);
    unpackBfloat16(own, packed);
    const words = new Uint32Array(own.buffer);
    const theirs = new Uint32Array(Int32Array.from(output?.data as Int32Array).buffer);
    let numNaNs = 0;
    for (const [index, word] of theirs.entries()) {
      // The sign and the lower bits of a NaN are nobody's business.
      const isNaN = (word & 0x7fff_ffff) > INFINITE;
      numNaNs += isNaN ? 1 : 0;
      const same = isNaN ? words[index] === 0x7fc0_0000 : words[index] === word;
      if (!same)
        throw new Error(`${bits[index]?.toString(16)}: ${words[index]?.toString(16)}, TensorFlow ${word.toString(16)}`);
    }
    expect(numNaNs).toBeGreaterThan(20);
  });
});
