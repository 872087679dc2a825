import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import { buildNetwork } from '../network/build-network.js';
import { initialState } from '../layout/initial-state.js';
import type { NetworkOptions } from '../network/network-options.js';
import { layoutOf } from '../layout/vector-layout.js';
import { importWeights } from './import-weights.js';
import { inspectWeights } from './inspect-weights.js';
import { decodeSafetensors, type StoredTensor } from './safetensors-codec.js';
import { weightsToSafetensors } from './weights-file.js';

const networkOf = (options: NetworkOptions) => {
  const network = buildNetwork(options);
  return { network, layout: layoutOf(network) };
};
const tensorsOf = (options: NetworkOptions): Map<string, StoredTensor> => {
  const { network, layout } = networkOf(options);
  return new Map(decodeSafetensors(weightsToSafetensors(network, layout, initialState(layout, 3), 12)).tensors);
};

/** A safetensors file of these tensors, in their order. */
function fileOf(tensors: ReadonlyMap<string, StoredTensor>): Uint8Array {
  let end = 0;
  const header = Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, data }]) => {
      end += data.length;
      return [name, { dtype, shape, data_offsets: [end - data.length, end] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...[...tensors.values()].map(({ data }) => data)]);
}

const numbers = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const renamed = (tensors: ReadonlyMap<string, StoredTensor>, rename: (name: string) => string) =>
  new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));
const inspected = (tensors: ReadonlyMap<string, StoredTensor>, asked?: NetworkOptions) =>
  inspectWeights(new Map([...tensors].map(([name, tensor]) => [name, { name, ...tensor }])), asked);

const MODEL = { architecture: 'resnet20', shortcut: 'B', numClasses: 7 } as const;
const { network, layout } = networkOf(MODEL);
const state = initialState(layout, 3);

describe('importWeights', () => {
  const tensors = tensorsOf(MODEL);

  it.each(['module.', '_orig_mod.module.', ''])('reads names behind %p, with counters and without', (prefix) => {
    const loaded = importWeights(network, layout, fileOf(renamed(tensors, (name) => prefix + name)));
    expect(loaded.numBatchesTracked).toBe(12);
    const uncounted = new Map([...tensors].filter(([name]) => !name.endsWith('num_batches_tracked')));
    const other = importWeights(network, layout, fileOf(renamed(uncounted, (name) => prefix + name)));
    for (const { parameters, statistics } of [loaded, other]) {
      expect(Buffer.from(parameters.buffer).equals(Buffer.from(state.parameters.buffer))).toBe(true);
      expect(Buffer.from(statistics.buffer).equals(Buffer.from(state.statistics.buffer))).toBe(true);
    }
  });

  const values = [1, -2.5, 0, 2 ** -24, 65_504, 3 * 2 ** -16, -(2 ** -14)];
  it.each([
    ['F16', Uint16Array.of(0x3c00, 0xc100, 0, 1, 0x7bff, 0x0300, 0x8400), values],
    ['BF16', Uint16Array.of(0x3f80, 0xc020, 0, 0x3380, 0x4780, 0x3840, 0xb880), [...values].with(4, 65_536)],
    ['F64', Float64Array.from(values), values],
    ['F32', Float32Array.from(values), values],
  ] as const)('reads %s', (dtype, stored, expected) => {
    const bias = { dtype, shape: [7], data: new Uint8Array(stored.buffer) };
    const { parameters } = importWeights(network, layout, fileOf(new Map(tensors).set('fc.bias', bias)));
    const { offset } = layout.parameters.find(({ name }) => name === 'fc.bias') ?? { offset: -1 };
    expect([...parameters.subarray(offset, offset + 7)]).toEqual(expected);
  });

  it('leaves out the background class before the thousand of ImageNet', () => {
    const big = networkOf({ architecture: 'resnet8', numClasses: 1000 });
    const foreign = tensorsOf({ architecture: 'resnet8', numClasses: 1001 });
    const { parameters } = importWeights(big.network, big.layout, fileOf(foreign));
    const rows = Float32Array.from(new Float32Array(foreign.get('fc.weight')?.data.slice().buffer ?? []));
    const head = big.layout.parameters.find(({ name }) => name === 'fc.weight');
    // [in, out] against [out, in], whose first row is skipped: class 0 is row 1, class 999 row 1000.
    for (const [index, feature, of] of [
      [0, 5, 0],
      [0, 63, 999],
    ] as const) {
      expect(parameters[(head?.offset ?? 0) + feature * 1000 + of]).toBe(rows[index + (of + 1) * 64 + feature]);
    }
    // Of no other number of classes: the file may simply be another data set's.
    expect(() => importWeights(network, layout, fileOf(tensorsOf({ ...MODEL, numClasses: 8 })))).toThrow(
      /does not fit resnet20: its head is of 8 classes, not 7/,
    );
  });

  it('takes a new head instead of the one of other classes, and nothing else of it', () => {
    const foreign = tensorsOf({ ...MODEL, numClasses: 3 });
    const start = initialState(layout, 99);
    const { parameters } = importWeights(network, layout, fileOf(foreign), { newHead: start });
    for (const { name, offset, length } of layout.parameters) {
      const source = name.startsWith('fc.') ? start : state;
      const isSame = parameters
        .subarray(offset, offset + length)
        .every((value, index) => value === source.parameters[offset + index]);
      expect({ name, isSame }).toEqual({ name, isSame: true });
    }
    foreign.delete('fc.weight');
    foreign.delete('bn1.bias');
    expect(() => importWeights(network, layout, fileOf(foreign), { newHead: start })).toThrow(
      /^the file does not fit resnet20: bn1.bias: missing, floats \[16\] expected$/,
    );
  });

  it('lists tensor by tensor what does not fit', () => {
    const foreign = new Map(tensors)
      .set('layer1.0.conv1.weight', { dtype: 'F32', shape: [1], data: numbers([0]) })
      .set('bn1.weight', { dtype: 'I64', shape: [16], data: new Uint8Array(128) })
      .set('extra', { dtype: 'F32', shape: [], data: numbers([0]) });
    foreign.delete('conv1.weight');
    let refusal: unknown;
    try {
      importWeights(network, layout, fileOf(foreign));
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(RefusedInputError);
    expect(refusal).toHaveProperty('faults', [
      { path: 'conv1.weight', message: 'missing, floats [16, 3, 3, 3] expected' },
      { path: 'bn1.weight', message: 'floats [16] expected, I64 [16] came' },
      { path: 'layer1.0.conv1.weight', message: 'floats [16, 16, 3, 3] expected, F32 [1] came' },
      { path: 'extra', message: 'is no tensor of resnet20' },
    ]);
  });

  it('refuses numbers that no weights are', () => {
    const foreign = new Map(tensors)
      .set('fc.bias', { dtype: 'F32', shape: [7], data: numbers([1, 2, Number.POSITIVE_INFINITY, 4, 5, 6, 7]) })
      .set('bn1.running_var', {
        dtype: 'F32',
        shape: [16],
        data: numbers(Array.from({ length: 16 }, (_, at) => 3 - at)),
      });
    expect(() => importWeights(network, layout, fileOf(foreign))).toThrow(
      /bn1.running_var: holds negative variances; fc.bias: holds Infinity/,
    );
  });
});

describe('the network in a file', () => {
  const tensors = tensorsOf(MODEL);
  const both = (first: string, second: string) =>
    new Map([
      ...renamed(tensors, (name) => first + name),
      ...renamed(tensorsOf({ ...MODEL, numClasses: 3 }), (name) => second + name),
    ]);

  it.each([
    ['student.', 'teacher.'],
    ['model.', 'ema_model.module.'],
    ['', 'model_ema.'],
    ['module.encoder_k.', 'module.encoder_q.'],
  ])('is the average, or the one that is followed: %p beside %p', (beside, prefix) => {
    expect(inspected(both(beside, prefix))).toMatchObject({ prefix, numClasses: 3, faults: [] });
    expect(inspected(both(prefix, beside))).toMatchObject({ prefix, numClasses: 7, faults: [] });
  });

  it.each(['head.', 'classifier.', 'linear.'])('has its head under another name: %p', (head) => {
    const foreign = renamed(tensors, (name) => name.replace(/^fc\./, head));
    expect(inspected(foreign)).toMatchObject({ model: MODEL, headPrefix: head, faults: [] });
    const inside = renamed(tensors, (name) =>
      name.startsWith('fc.') ? name.replace('fc.', head) : `backbone.${name}`,
    );
    expect(inspected(inside)).toMatchObject({ model: MODEL, prefix: 'backbone.', headPrefix: head, faults: [] });
    const { parameters } = importWeights(network, layout, fileOf(inside));
    expect(parameters).toEqual(state.parameters);
  });

  it('may have a head that is replaced and not looked at, whatever it is', () => {
    const start = initialState(layout, 99);
    const foreign = new Map(tensors)
      .set('fc.weight', { dtype: 'I8', shape: [1], data: new Uint8Array(1) })
      .set('fc.2.weight', { dtype: 'F32', shape: [1], data: numbers([Number.NaN]) })
      .set('projector.0.weight', { dtype: 'F32', shape: [1], data: numbers([0]) });
    foreign.delete('fc.bias');
    const { parameters } = importWeights(network, layout, fileOf(foreign), { newHead: start });
    const { offset, length } = layout.parameters.find(({ name }) => name === 'fc.weight') ?? { offset: 0, length: 0 };
    expect(parameters.slice(offset, offset + length)).toEqual(start.parameters.slice(offset, offset + length));
    // But not a stage that the network lacks.
    foreign.set('layer4.0.conv1.weight', { dtype: 'F32', shape: [1], data: numbers([0]) });
    expect(() => importWeights(network, layout, fileOf(foreign), { newHead: start })).toThrow(
      /layer4.0.conv1.weight: is no tensor of resnet20/,
    );
  });

  it('is told where it is another one than was asked for', () => {
    const asked = { architecture: 'resnet32', shortcut: 'B', numClasses: 7 } as const;
    expect(inspected(tensors, asked).cause).toBe('it is of resnet20, shortcut "B"');
    const headless = new Map([...tensors].filter(([name]) => !name.startsWith('fc.')));
    expect(inspected(headless, asked).cause).toBe('it is of resnet20, shortcut "B"');
    expect(inspected(headless, MODEL).cause).toBe('it has no head');
  });
});

describe('inspectWeights', () => {
  it.each<NetworkOptions>([
    { architecture: 'resnet18', numClasses: 1000 },
    { architecture: 'resnet50', numClasses: 1001 },
    { architecture: 'resnet34', shortcut: 'C', numClasses: 10 },
    { architecture: 'resnet26', numClasses: 10 },
    { architecture: 'resnet20', shortcut: 'B', skipSpan: 3, numClasses: 4 },
    { architecture: 'resnet20', nestedShortcuts: true, shortcut: 'B', numClasses: 10 },
    { architecture: 'resnet20', gate: { per: 'element', kernelSize: 3 }, numClasses: 10 },
    { architecture: 'resnet20', gate: { per: 'channel', bias: false }, numClasses: 10 },
    { architecture: 'resnet20', gate: { per: 'layer', function: 'constant' }, numClasses: 10 },
    {
      architecture: 'custom',
      blocks: { kind: 'bottleneck', stem: '3x3', widths: [4, 8], numBlocks: [2, 1] },
      shortcut: 'B',
      numClasses: 10,
    },
  ])('tells %j by its tensors', (model) => {
    const { network: built, layout: its } = networkOf({ ...model, numClasses: 2 });
    const head = built.nodes.at(-1);
    const inFeatures = head?.kind === 'dense' ? head.inFeatures : 0;
    const places = inspectable(its).map((place) =>
      place.name === 'fc.weight'
        ? { ...place, shape: [model.numClasses, inFeatures] }
        : place.name === 'fc.bias'
          ? { ...place, shape: [model.numClasses] }
          : place,
    );
    expect(inspectWeights(new Map(places.map((place) => [place.name, place])))).toMatchObject({
      model,
      faults: [],
      numClasses: model.numClasses,
    });
  });

  it('says what weights do not tell', () => {
    expect(inspected(tensorsOf({ architecture: 'plain20', numClasses: 10 }))).toMatchObject({
      model: { architecture: 'resnet20', numClasses: 10 },
      undetermined: ['shortcut (A or none)', 'shortcutPadding', 'imageSize'],
      numTensorsByDtype: { F32: 97, I64: 19 },
      faults: [],
    });
  });

  it('names what is too much in a network it knows, and compares with the one asked for', () => {
    const tensors = renamed(tensorsOf(MODEL), (name) => `module.${name}`);
    tensors.set('module.fc2.weight', { dtype: 'F32', shape: [1], data: numbers([0]) });
    expect(inspected(tensors)).toMatchObject({
      prefix: 'module.',
      model: MODEL,
      faults: [{ path: 'fc2.weight', message: 'is no tensor of resnet20' }],
    });
    const { faults } = inspected(tensors, { architecture: 'resnet20', shortcut: 'B', numClasses: 10 });
    expect(faults.map(({ path }) => path)).toEqual(['fc.weight', 'fc.bias', 'fc2.weight']);
  });

  it('is not led astray by one damaged tensor', () => {
    const tensors = tensorsOf(MODEL);
    tensors.set('layer1.0.conv1.weight', { dtype: 'F32', shape: [16, 16, 1, 1], data: new Uint8Array(1024) });
    expect(inspected(tensors)).toMatchObject({
      model: MODEL,
      faults: [{ path: 'layer1.0.conv1.weight', message: 'floats [16, 16, 3, 3] expected, F32 [16, 16, 1, 1] came' }],
    });
  });

  it('knows a foreign network for one', () => {
    const tensors = new Map([['blocks.0.weight', { dtype: 'F32', shape: [1], data: numbers([0]) }]]);
    expect(inspected(tensors)).toMatchObject({ model: null, numClasses: null, faults: [{ path: '' }] });
  });
});

/** What a file of these parameters and statistics lists. */
function inspectable(its: ReturnType<typeof layoutOf>) {
  const parameters = its.parameters.map(({ name, torchShape }) => ({ name, shape: torchShape }));
  const statistics = its.statistics.map(({ name, length }) => ({ name, shape: [length] }));
  return [...parameters, ...statistics].map((place) => ({ ...place, dtype: 'F32' }));
}
