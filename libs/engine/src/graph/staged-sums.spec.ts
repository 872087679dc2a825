import { randomStream } from '#contracts';
import { buildNetwork, freezeParts, gradientStages, layoutOf, type Network } from '#resnet';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Batch } from '#data-loading';
import type { BatchTree, StageSums, SumOptions } from '../engine.js';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '../step-config.js';
import { randomBatch, randomState } from '../testing/fixtures.js';
import { GraphEngine } from './graph-engine.js';

// TensorFlow optimises each new graph for a while; on a busy machine that passes Jest's five seconds.
jest.setTimeout(60_000);

const blocks = (kind: 'basic' | 'bottleneck', stem: '3x3' | '7x7'): Network =>
  buildNetwork({
    architecture: 'custom',
    shortcut: kind === 'basic' ? 'A' : 'B',
    numClasses: 7,
    imageSize: 32,
    blocks: { kind, stem, widths: [8, 16], numBlocks: [1, 1] },
  });
// Its maximum pool has other gradients, of other bits, where oneDNN does not see the maxima.
const bottlenecks = blocks('bottleneck', '7x7');

interface Case {
  readonly network: Network;
  readonly config?: Partial<StepConfig>;
  /** Of two lanes: each by itself, or their sum. */
  readonly sums: 'one' | 'both' | 'added';
  readonly isRounded?: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'bottlenecks, a lane': { network: bottlenecks, sums: 'one' },
  'bottlenecks, two lanes by themselves': { network: bottlenecks, sums: 'both' },
  'zero-padded shortcuts, lanes added': { network: blocks('basic', '3x3'), sums: 'added' },
  'bf16, lanes added and rounded': {
    network: bottlenecks,
    config: { precision: 'bf16' },
    sums: 'added',
    isRounded: true,
  },
  'frozen parts, mixed, any size': {
    network: freezeParts(bottlenecks, ['stem']),
    config: { mixes: true, anySize: true, labelSmoothing: 0.1 },
    sums: 'added',
  },
};

const isSame = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

/** The vectors, of which every element must be told once. */
function together(stages: readonly StageSums[], numTrees: number, length: number): readonly Float32Array[] {
  const vectors = Array.from({ length: numTrees }, () => new Float32Array(length));
  const told = new Uint8Array(length);
  for (const { parts, sums } of stages) {
    let from = 0;
    for (const { lo, hi } of parts) {
      for (const [tree, values] of sums.entries()) vectors[tree]?.set(values.subarray(from, from + hi - lo), lo);
      for (let index = lo; index < hi; index += 1) told[index] = (told[index] ?? 0) + 1;
      from += hi - lo;
    }
    for (const values of sums) expect(values).toHaveLength(from);
  }
  expect(told.every((times) => times === 1)).toBe(true);
  return vectors;
}

describe('sums stage by stage', () => {
  const open: GraphEngine[] = [];
  afterEach(() => {
    for (const engine of open.splice(0)) engine.close();
  });

  function batchesOf(network: Network, numLanes: number, { mixes }: StepConfig): readonly Batch[] {
    const stream = randomStream(5);
    const side = network.imageSize;
    return Array.from({ length: numLanes }, (_, lane) => {
      const mask = Float32Array.from({ length: side ** 2 }, () => stream.nextFloat());
      const batch = randomBatch(network, 3 - (lane % 2), 40 + lane);
      return mixes && lane === 0 ? { ...batch, mixup: { mask, side, share: 0.7 } } : batch;
    });
  }

  it.each(Object.entries(CASES))('have the bits of sums made at once: %s', (_name, { network, sums, ...rest }) => {
    const layout = layoutOf(network);
    const config = { ...DEFAULT_STEP_CONFIG, ...rest.config };
    const stages = gradientStages(network, layout);
    const engine = new GraphEngine(network, layout, config, { lanesAtOnce: 2, isStaged: true });
    open.push(engine);
    engine.writeState(randomState(layout, 1));
    const [a, b] = batchesOf(network, 2, config);
    if (!a || !b) throw new Error('two batches were made');
    const trees: readonly BatchTree[] = { one: [a], both: [a, b], added: [[a, b] as const] }[sums];
    const options: SumOptions = { globalBatch: 5, numRounded: rest.isRounded ? layout.numTrained : 0 };
    const wholes = engine.gradients(trees, options);
    for (let time = 0; time < 2; time += 1) {
      const staged = [...engine.gradientStages(trees, options)];
      expect(staged).toHaveLength(stages.length);
      expect(staged.length).toBeGreaterThan(1);
      const vectors = together(staged, trees.length, layout.vectorLength);
      for (const [tree, whole] of wholes.entries())
        expect(isSame(vectors[tree] ?? new Float32Array(), whole)).toBe(true);
    }
  });

  it('are one where lanes are more than slots, or the engine was made without stages', () => {
    const layout = layoutOf(bottlenecks);
    const [a, b, c] = batchesOf(bottlenecks, 3, DEFAULT_STEP_CONFIG);
    if (!a || !b || !c) throw new Error('three batches were made');
    for (const isStaged of [true, false]) {
      const engine = new GraphEngine(bottlenecks, layout, DEFAULT_STEP_CONFIG, { lanesAtOnce: 2, isStaged });
      open.push(engine);
      engine.writeState(randomState(layout, 1));
      const trees: readonly BatchTree[] = isStaged ? [[[a, b], c]] : [a];
      const options: SumOptions = { globalBatch: 9, numRounded: 0 };
      const staged = [...engine.gradientStages(trees, options)];
      expect(staged).toHaveLength(1);
      const [vector = new Float32Array()] = together(staged, 1, layout.vectorLength);
      expect(isSame(vector, engine.gradients(trees, options)[0] ?? new Float32Array())).toBe(true);
    }
  });
});
