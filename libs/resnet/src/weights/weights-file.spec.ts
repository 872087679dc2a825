import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { buildNetwork } from '../network/build-network.js';
import { initialState } from '../layout/initial-state.js';
import { layoutOf } from '../layout/vector-layout.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors-codec.js';
import {
  slotFromSafetensors,
  slotToSafetensors,
  weightsFromSafetensors,
  weightsToSafetensors,
} from './weights-file.js';

const network = buildNetwork({ architecture: 'resnet20', shortcut: 'B', numClasses: 7 });
const layout = layoutOf(network);
const state = initialState(layout, 3);
const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const tensorFloats = (bytes: Uint8Array, name: string): Float32Array =>
  new Float32Array(decodeSafetensors(bytes).tensors.get(name)?.data.slice().buffer ?? new ArrayBuffer(0));

describe('weights file', () => {
  const bytes = weightsToSafetensors(network, layout, state, 12);

  it('gives back every bit', () => {
    const loaded = weightsFromSafetensors(network, layout, bytes);
    expect(bytesOf(loaded.parameters).equals(bytesOf(state.parameters))).toBe(true);
    expect(bytesOf(loaded.statistics).equals(bytesOf(state.statistics))).toBe(true);
    expect(loaded.numBatchesTracked).toBe(12);
  });

  it('is the same bytes for the same state', () => {
    expect(Buffer.from(weightsToSafetensors(network, layout, state, 12)).equals(bytes)).toBe(true);
  });

  it('holds a torchvision state dict in its order', () => {
    const names = [...decodeSafetensors(bytes).tensors.keys()];
    expect(names.slice(0, 7)).toEqual([
      'conv1.weight',
      'bn1.weight',
      'bn1.bias',
      'bn1.running_mean',
      'bn1.running_var',
      'bn1.num_batches_tracked',
      'layer1.0.conv1.weight',
    ]);
    expect(names.slice(-2)).toEqual(['fc.weight', 'fc.bias']);
  });

  it('holds kernels as OIHW and [out, in]', () => {
    const engine = Float32Array.from(state.parameters, (_, index) => index);
    const written = weightsToSafetensors(network, layout, { ...state, parameters: engine }, 0);
    const convolution = layout.parameters.find((entry) => entry.name === 'layer2.0.conv1.weight');
    const dense = layout.parameters.find((entry) => entry.name === 'fc.weight');
    // OIHW [32, 16, 3, 3] at (5, 2, 1, 0) is HWIO [3, 3, 16, 32] at (1, 0, 2, 5).
    expect(tensorFloats(written, 'layer2.0.conv1.weight')[((5 * 16 + 2) * 3 + 1) * 3]).toBe(
      (convolution?.offset ?? 0) + (3 * 16 + 2) * 32 + 5,
    );
    // [7, 64] at (6, 63) is [64, 7] at (63, 6).
    expect(tensorFloats(written, 'fc.weight')[6 * 64 + 63]).toBe((dense?.offset ?? 0) + 63 * 7 + 6);
  });

  it('reads files whose data is not aligned and that count no batches', () => {
    const { tensors } = decodeSafetensors(bytes);
    const entries = [...tensors].filter(([name]) => !name.endsWith('num_batches_tracked'));
    let end = 0;
    const header = Object.fromEntries(
      entries.map(([name, { dtype, shape, data }]) => {
        end += data.length;
        return [name, { dtype, shape, data_offsets: [end - data.length, end] }];
      }),
    );
    let json = JSON.stringify(header);
    while (Buffer.byteLength(json) % 4 !== 1) json += ' ';
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(json)));
    const foreign = Buffer.concat([length, Buffer.from(json), ...entries.map(([, { data }]) => data)]);
    const loaded = weightsFromSafetensors(network, layout, foreign);
    expect(bytesOf(loaded.parameters).equals(bytesOf(state.parameters))).toBe(true);
    expect(loaded.numBatchesTracked).toBe(0);
  });

  it('lists every tensor that does not fit', () => {
    const other = buildNetwork({ architecture: 'resnet20', shortcut: 'A', numClasses: 10 });
    const refusalOf = (bytesRead: Uint8Array, of = network): RefusedInputError => {
      try {
        weightsFromSafetensors(of, layoutOf(of), bytesRead);
      } catch (error) {
        if (error instanceof RefusedInputError) return error;
      }
      throw new Error('not refused');
    };
    expect(refusalOf(bytes, other).faults).toEqual(
      expect.arrayContaining([
        { path: 'fc.weight', message: 'F32 [10, 64] expected, F32 [7, 64] came' },
        { path: 'fc.bias', message: 'F32 [10] expected, F32 [7] came' },
        { path: 'layer2.0.downsample.0.weight', message: 'is no tensor of resnet20' },
      ]),
    );
    const nothing = encodeSafetensors([{ name: 'fc.bias', dtype: 'I64', shape: [7] }], {}, () => {});
    const { faults, message } = refusalOf(nothing);
    expect(faults).toContainEqual({ path: 'fc.bias', message: 'F32 [7] expected, I64 [7] came' });
    // The message is read in one line; it names the first three.
    expect(message).toMatch(/^the file does not fit resnet20: conv1.weight: missing, F32 \[16, 3, 3, 3\] expected; /);
    expect(message).toMatch(new RegExp(`bn1.bias: missing, F32 \\[16\\] expected and ${faults.length - 3} more$`));
  });

  it('refuses vectors of another length', () => {
    const short = { ...state, statistics: state.statistics.slice(1) };
    expect(() => weightsToSafetensors(network, layout, short, 0)).toThrow(
      /statistics: 1568 numbers expected, 1567 came/,
    );
  });
});

describe('the file of an optimiser’s slot', () => {
  it('gives back every bit', () => {
    const slot = Float32Array.from(state.parameters, (value) => value * 3);
    const bytes = slotToSafetensors(network, layout, slot);
    expect(bytesOf(slotFromSafetensors(network, layout, bytes)).equals(bytesOf(slot))).toBe(true);
  });

  it('refuses a weights file', () => {
    const bytes = weightsToSafetensors(network, layout, state, 1);
    expect(() => slotFromSafetensors(network, layout, bytes)).toThrow(/bn1.running_mean: is no tensor/);
  });
});
