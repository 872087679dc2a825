import { describe, expect, it } from '@jest/globals';
import { randomStream } from '#contracts';
import { DEFAULT_STEP_CONFIG, firstStateOf } from '#engine';
import { sumTree } from '#parameter-server';
import { buildNetwork, initialState, layoutOf } from '#resnet';
import type { Batch } from '#data-loading';
import { GraphEngine } from '../../libs/engine/src/graph/graph-engine.js';
import { laneGradients } from '#engine/testing';

const LANES = 4;
const LANE_BATCH = 8;
const SIDE = 16;
const STEPS = 30;
const LEARNING_RATE = 0.05;

/** Bright squares of ten sizes on noise, which can be learned. */
function batchOf(lane: number, step: number): Batch {
  const stream = randomStream(1, step * LANES + lane);
  const labels = Int32Array.from({ length: LANE_BATCH }, () => stream.nextInt(10));
  const images = new Uint8Array(LANE_BATCH * SIDE * SIDE * 3);
  for (let index = 0; index < images.length; index += 1) {
    const pixel = Math.floor(index / 3);
    const [y, x] = [Math.floor(pixel / SIDE) % SIDE, pixel % SIDE];
    const size = 2 + (labels[Math.floor(pixel / SIDE / SIDE)] ?? 0);
    images[index] = stream.nextInt(100) + (x < size && y < size ? 150 : 0);
  }
  return { images, labels, numSamples: LANE_BATCH };
}

const BATCHES = Array.from({ length: STEPS }, (_, step) =>
  Array.from({ length: LANES }, (__, lane) => batchOf(lane, step)),
);

/** Losses of a run whose gradients are added as on a wire of so many rounded elements. */
function losses(numRounded: (numParameters: number) => number): number[] {
  const network = buildNetwork({ architecture: 'resnet8', numClasses: 10, imageSize: SIDE });
  const layout = layoutOf(network);
  const engine = new GraphEngine(network, layout);
  engine.writeState(firstStateOf(initialState(layout, 1), layout, DEFAULT_STEP_CONFIG));
  const result = BATCHES.map((lanes, index) => {
    const gradients = (lane: number): Float32Array => {
      const batch = lanes[lane];
      if (batch === undefined) throw new RangeError(`there is no lane ${lane}`);
      return laneGradients(engine, batch, LANES * LANE_BATCH);
    };
    const root = sumTree({ lo: 0, hi: LANES }, gradients, numRounded(layout.numParameters));
    engine.apply(root, { learningRate: LEARNING_RATE, step: index + 1 });
    return root[layout.scalars.loss] ?? Number.NaN;
  });
  engine.close();
  return result;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('training on a 16-bit wire', () => {
  it('goes as on an fp32 wire: the same loss within a hundredth at first, and as low a one in the end', () => {
    const [fp32, bf16] = [losses(() => 0), losses((numParameters) => numParameters)];
    expect(bf16).not.toEqual(fp32);
    expect(bf16[0]).toBe(fp32[0]);
    for (const [step, loss] of bf16.slice(0, 10).entries())
      expect(Math.abs(loss / (fp32[step] ?? 0) - 1)).toBeLessThan(0.01);
    expect(mean(bf16.slice(-10))).toBeLessThan(mean(bf16.slice(0, 3)) * 0.6);
    expect(Math.abs(mean(bf16.slice(-10)) / mean(fp32.slice(-10)) - 1)).toBeLessThan(0.1);
  });
});
