/** What every engine must do, whatever computes: one suite, run for each. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NotFiniteError, randomStream } from '#contracts';
import { DEFAULT_RULES, type TrainingRules } from '../training-rules.js';
import { layoutOf, type Network, type VectorLayout } from '#resnet';
import type { Engine, ReplicaState } from '../engine.js';
import type { Batch } from '#data-loading';
import { TINY_NETWORKS } from '../graph/testing/tiny-networks.js';

export interface EngineUnderTest {
  readonly make: (network: Network, layout: VectorLayout, rules?: TrainingRules) => Engine;
  /** Tensors that the engine's library holds now, of all engines of the process. */
  readonly numLiveTensors: () => number;
}

const HYPERPARAMETERS = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01 };

/**
 * relu(conv) + bn(relu(conv)), pool, head. Where the normalisation's gamma is zero, nothing but the gradient of gamma and
 * the variance depends on who else is in the batch.
 */
const SIDE_BRANCH: Network = {
  architecture: 'side branch',
  imageSize: 6,
  numClasses: 3,
  nodes: [
    { kind: 'input', inputs: [], shape: [6, 6, 3] },
    {
      kind: 'convolution',
      inputs: [0],
      shape: [6, 6, 4],
      name: 'conv1',
      kernelSize: 3,
      stride: 1,
      padding: 1,
      inChannels: 3,
      outChannels: 4,
    },
    { kind: 'relu', inputs: [1], shape: [6, 6, 4] },
    {
      kind: 'batch-normalization',
      inputs: [2],
      shape: [6, 6, 4],
      name: 'bn1',
      channels: 4,
      epsilon: 1e-5,
      momentum: 0.1,
    },
    { kind: 'add', inputs: [2, 3], shape: [6, 6, 4] },
    { kind: 'global-average-pool', inputs: [4], shape: [1, 1, 4] },
    { kind: 'dense', inputs: [5], shape: [1, 1, 3], name: 'fc', inFeatures: 4, outFeatures: 3 },
  ],
};

/** The network with another head. */
function withClasses(network: Network, numClasses: number): Network {
  const nodes = network.nodes.map((node) =>
    node.kind === 'dense' ? { ...node, shape: [1, 1, numClasses] as const, outFeatures: numClasses } : node,
  );
  return { ...network, numClasses, nodes };
}

/** A state far from any symmetry: every gamma, beta and bias counts. */
export function randomState(layout: VectorLayout, seed: number): ReplicaState {
  const stream = randomStream(seed);
  return {
    parameters: Float32Array.from({ length: layout.numParameters }, () => 0.4 * stream.nextNormal()),
    momentum: Float32Array.from({ length: layout.numTrained }, () => 0.1 * stream.nextNormal()),
    statistics: Float32Array.from({ length: layout.numStatistics }, () => 0.5 + stream.nextFloat()),
  };
}

/** Digests of a state's vectors, to compare them: Jest takes seconds to compare a hundred thousand numbers. */
export function digestsOf({ parameters, momentum, statistics }: ReplicaState): readonly string[] {
  return [parameters, momentum, statistics].map((vector) => createHash('sha256').update(vector).digest('hex'));
}

export function randomBatch(network: Network, numSamples: number, seed: number): Batch {
  const stream = randomStream(seed);
  return {
    images: Uint8Array.from({ length: numSamples * network.imageSize ** 2 * 3 }, () => stream.nextInt(256)),
    labels: Int32Array.from({ length: numSamples }, () => stream.nextInt(network.numClasses)),
    numSamples,
  };
}

export function part(network: Network, batch: Batch, first: number, end: number): Batch {
  const pixels = network.imageSize ** 2 * 3;
  const images = batch.images.slice(first * pixels, end * pixels);
  return { images, labels: batch.labels.slice(first, end), numSamples: end - first };
}

/** ||actual - expected|| / ||expected|| */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (actual.length !== expected.length) throw new Error(`${actual.length} values against ${expected.length}`);
  return norm(expected.map((value, index) => (actual[index] ?? Number.NaN) - value)) / norm(expected);
}

export function engineConformance(name: string, { make, numLiveTensors }: EngineUnderTest): void {
  describe(`${name} as an engine`, () => {
    const network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? SIDE_BRANCH;
    const layout = layoutOf(network);
    const { scalars, numParameters, numStatistics } = layout;
    const statisticsOf = (vector: Float32Array): Float32Array =>
      vector.subarray(numParameters, numParameters + numStatistics);
    let engine: Engine;
    beforeEach(() => {
      engine = make(network, layout);
      engine.writeState(randomState(layout, 1));
    });
    afterEach(() => engine.close());

    it('divides gradients, loss and statistics by the global batch, and counts samples', () => {
      const batch = randomBatch(network, 4, 2);
      const alone = engine.gradients(batch, 4);
      const share = engine.gradients(batch, 16);
      expect(alone).toHaveLength(layout.vectorLength);
      const scaled = share.slice(0, scalars.correct).map((value) => 4 * value);
      expect(relativeError(scaled, alone.slice(0, scalars.correct))).toBeLessThan(1e-6);
      for (const vector of [alone, share]) expect(vector[scalars.samples]).toBe(4);
      expect(share[scalars.correct]).toBe(alone[scalars.correct]);
      expect(alone[scalars.reserved]).toBe(0);
    });

    it('adds up over lanes to the gradient of the whole batch, but for what batch normalisation does', () => {
      const sideLayout = layoutOf(SIDE_BRANCH);
      const gamma = sideLayout.parameters.find((entry) => entry.role === 'gamma');
      const side = make(SIDE_BRANCH, sideLayout);
      const state = randomState(sideLayout, 3);
      const range = [gamma?.offset ?? 0, (gamma?.offset ?? 0) + (gamma?.length ?? 0)] as const;
      side.writeState({ ...state, parameters: state.parameters.fill(0, ...range) });
      const gradients = (batch: Batch): Float32Array => {
        const vector = side.gradients(batch, 5).fill(0, ...range);
        for (const { kind, offset, length } of sideLayout.statistics) {
          const begin = sideLayout.numParameters + offset;
          if (kind === 'variance') vector.fill(0, begin, begin + length);
        }
        return vector;
      };
      const batch = randomBatch(SIDE_BRANCH, 5, 4);
      const whole = gradients(batch);
      const lanes = [part(SIDE_BRANCH, batch, 0, 2), part(SIDE_BRANCH, batch, 2, 5)].map(gradients);
      const sum = whole.map((_, index) => lanes.reduce((total, lane) => total + (lane[index] ?? 0), 0));
      expect(relativeError(sum, whole)).toBeLessThan(1e-6);
      side.close();
    });

    it('gives the same bits for the same state and batch, in memory of their own', () => {
      const batch = randomBatch(network, 3, 5);
      const first = engine.gradients(batch, 3);
      const kept = first.slice();
      const second = engine.gradients(batch, 3);
      expect(second).toEqual(first);
      second.fill(7);
      expect(first).toEqual(kept);
      expect(engine.gradients(batch, 3)).toEqual(kept);
    });

    it('takes batches of any size, one after the other', () => {
      for (const numSamples of [1, 3, 8, 2, 1]) {
        const batch = randomBatch(network, numSamples, numSamples);
        const vector = engine.gradients(batch, numSamples);
        expect(vector.every((value) => Number.isFinite(value))).toBe(true);
        expect(vector[scalars.samples]).toBe(numSamples);
        expect(engine.evaluate(batch)[2]).toBe(numSamples);
        expect(engine.predict(batch)).toHaveLength(numSamples * network.numClasses);
      }
    });

    it('reports the unbiased variance of the batch', () => {
      // A single image is its own twin: with every sample doubled the biased variance stays, Bessel's factor shrinks.
      const one = randomBatch(network, 1, 6);
      const two = { images: new Uint8Array([...one.images, ...one.images]), labels: new Int32Array(2), numSamples: 2 };
      const [single, twin] = [engine.gradients(one, 1), engine.gradients(two, 2)].map(statisticsOf);
      for (const entry of layout.statistics) {
        const node = network.nodes.find(
          (candidate) => 'name' in candidate && entry.name.startsWith(`${candidate.name}.`),
        );
        const numValues = (node?.shape[0] ?? 0) * (node?.shape[1] ?? 0);
        const bessel = (count: number): number => count / (count - 1);
        const expected = entry.kind === 'mean' ? 1 : bessel(2 * numValues) / bessel(numValues);
        for (let index = entry.offset; index < entry.offset + entry.length; index += 1) {
          expect((twin?.[index] ?? 0) / (single?.[index] ?? 0)).toBeCloseTo(expected, 4);
        }
      }
    });

    it('applies u = m*u + (g + decay*w); w -= rate*u, decay on kernels only, and moves running statistics', () => {
      const before = randomState(layout, 7);
      engine.writeState(before);
      const stream = randomStream(8);
      const reduced = Float32Array.from({ length: layout.vectorLength }, () => stream.nextNormal());
      engine.apply(reduced, HYPERPARAMETERS);
      const after = engine.readState();
      const momentum = before.parameters.map((weight, index) => {
        const decay = index < layout.numKernelElements ? HYPERPARAMETERS.weightDecay * weight : 0;
        return HYPERPARAMETERS.momentum * (before.momentum[index] ?? 0) + (reduced[index] ?? 0) + decay;
      });
      const parameters = before.parameters.map(
        (weight, index) => weight - HYPERPARAMETERS.learningRate * (momentum[index] ?? 0),
      );
      const statistics = before.statistics.map(
        (value, index) => 0.9 * value + 0.1 * (statisticsOf(reduced)[index] ?? 0),
      );
      expect(relativeError(after.momentum, momentum)).toBeLessThan(2e-7);
      expect(relativeError(after.parameters, parameters)).toBeLessThan(2e-7);
      expect(relativeError(after.statistics, statistics)).toBeLessThan(2e-7);
    });

    it.each([
      { nesterov: true, decayed: ['kernels', 'gamma', 'beta', 'bias'], spared: /^$/ },
      { nesterov: true, decayed: ['kernels', 'bias'], spared: /^(gamma|beta)$/ },
      { nesterov: false, decayed: ['gamma'], spared: /^(convolution|dense-kernel|beta|dense-bias)$/ },
      { nesterov: true, decayed: [], spared: /./ },
    ] as const)('applies by the rules it was made with: $decayed decay, nesterov $nesterov', (given) => {
      const ruled = make(network, layout, { ...DEFAULT_RULES, nesterov: given.nesterov, decayed: given.decayed });
      const before = randomState(layout, 17);
      ruled.writeState(before);
      const stream = randomStream(18);
      const reduced = Float32Array.from({ length: layout.vectorLength }, () => stream.nextNormal());
      ruled.apply(reduced, HYPERPARAMETERS);
      const after = ruled.readState();
      ruled.close();
      const { learningRate, momentum, weightDecay } = HYPERPARAMETERS;
      const expected = { momentum: before.momentum.slice(), parameters: before.parameters.slice() };
      for (const { role, offset, length } of layout.parameters) {
        const decay = given.spared.test(role) ? 0 : weightDecay;
        for (let index = offset; index < offset + length; index += 1) {
          const weight = before.parameters[index] ?? 0;
          const gradient = (reduced[index] ?? 0) + decay * weight;
          const velocity = momentum * (before.momentum[index] ?? 0) + gradient;
          expected.momentum[index] = velocity;
          const step = given.nesterov ? gradient + momentum * velocity : velocity;
          expected.parameters[index] = weight - learningRate * step;
        }
      }
      expect(relativeError(after.momentum, expected.momentum)).toBeLessThan(2e-7);
      expect(relativeError(after.parameters, expected.parameters)).toBeLessThan(2e-7);
    });

    it('keeps an average of weights and statistics by its rules, and evaluates and predicts with it', () => {
      const averaging = make(network, layout, { ...DEFAULT_RULES, averages: true });
      const before = randomState(layout, 21);
      averaging.writeState(before);
      expect(averaging.readState().average).toEqual({ parameters: before.parameters, statistics: before.statistics });
      const stream = randomStream(22);
      const reduced = Float32Array.from({ length: layout.vectorLength }, () => stream.nextNormal());
      averaging.apply(reduced, HYPERPARAMETERS);
      const updated = averaging.readState();
      expect(updated.average?.parameters).toEqual(before.parameters);
      averaging.apply(reduced.fill(0), { ...HYPERPARAMETERS, averageDecay: 0.75 });
      const after = averaging.readState();
      const mean = (old: Float32Array, now: Float32Array): Float32Array<ArrayBuffer> =>
        Float32Array.from(old, (value, index) => 0.75 * value + 0.25 * (now[index] ?? 0));
      const average = {
        parameters: mean(before.parameters, after.parameters),
        statistics: mean(before.statistics, after.statistics),
      };
      expect(relativeError(after.average?.parameters ?? reduced, average.parameters)).toBeLessThan(2e-7);
      expect(relativeError(after.average?.statistics ?? reduced, average.statistics)).toBeLessThan(2e-7);
      // An engine without an average whose weights are the average says the same.
      const batch = randomBatch(network, 3, 23);
      engine.writeState({ ...average, momentum: after.momentum });
      expect(relativeError(averaging.predict(batch), engine.predict(batch))).toBeLessThan(1e-4);
      expect(averaging.evaluate(batch)[0]).toBeCloseTo(engine.evaluate(batch)[0], 2);
      // Gradients are those of the weights.
      engine.writeState(after);
      expect(relativeError(averaging.gradients(batch, 3), engine.gradients(batch, 3))).toBeLessThan(1e-5);
      averaging.writeState(before);
      averaging.writeState(after);
      expect(averaging.readState()).toEqual(after);
      averaging.close();
    });

    it('takes the loss of mixed samples as the mean of two, of smoothed labels as the share of all', () => {
      const rules = { ...DEFAULT_RULES, labelSmoothing: 0.2, mixes: true };
      const [hard, soft] = [DEFAULT_RULES, rules].map((each) => {
        const made = make(SIDE_BRANCH, layoutOf(SIDE_BRANCH), each);
        made.writeState(randomState(layoutOf(SIDE_BRANCH), 19));
        return made;
      });
      if (!hard || !soft) throw new Error('two engines were made');
      const batch = randomBatch(SIDE_BRANCH, 3, 20);
      const { loss } = layoutOf(SIDE_BRANCH).scalars;
      const lossOf = (labels: readonly number[]): number =>
        hard.gradients({ ...batch, labels: Int32Array.from(labels) }, 3)[loss] ?? Number.NaN;
      const [a = 0, b = 0, c = 0] = batch.labels;
      const everyClass = (lossOf([0, 0, 0]) + lossOf([1, 1, 1]) + lossOf([2, 2, 2])) / 3;
      const whole = { mask: new Float32Array(36).fill(1), side: 6 };
      for (const share of [1, 0.3, 0]) {
        const mixed = share * lossOf([a, b, c]) + (1 - share) * lossOf([c, a, b]);
        const actual = soft.gradients({ ...batch, mixing: { ...whole, share } }, 3)[loss];
        expect(actual).toBeCloseTo(0.8 * mixed + 0.2 * everyClass, 4);
      }
      // With no share of themselves in any pixel, all samples have changed places.
      const rowBytes = batch.images.length / 3;
      const moved = Uint8Array.from([...batch.images.slice(2 * rowBytes), ...batch.images.slice(0, 2 * rowBytes)]);
      const gone = { mask: Float32Array.of(0), side: 1, share: 0 };
      const swapped = { ...batch, images: moved, labels: Int32Array.of(c, a, b) };
      expect(relativeError(soft.gradients({ ...batch, mixing: gone }, 3), soft.gradients(swapped, 3))).toBeLessThan(
        1e-5,
      );
      expect(() => hard.gradients({ ...batch, mixing: gone }, 3)).toThrow(/do not mix/);
      for (const made of [hard, soft]) made.close();
    });

    it('takes images of any side where the rules say so: of its own as an engine of that side does, and of others', () => {
      const sized = make(network, layout, { ...DEFAULT_RULES, anySize: true });
      sized.writeState(randomState(layout, 1));
      const own = randomBatch(network, 3, 24);
      expect(relativeError(sized.gradients(own, 3), engine.gradients(own, 3))).toBeLessThan(1e-5);
      expect(relativeError(sized.predict(own), engine.predict(own))).toBeLessThan(1e-5);
      const { imageSize } = network;
      for (const side of [imageSize + 3, imageSize - 2]) {
        const other = randomBatch({ ...network, imageSize: side }, 3, 25);
        const alone = sized.gradients(other, 3);
        expect(alone[scalars.samples]).toBe(3);
        expect(sized.evaluate(other)[2]).toBe(3);
        expect(() => engine.gradients(other, 3)).toThrow();
        // Not a square of pixels.
        expect(() => sized.gradients({ ...other, images: other.images.slice(3) }, 3)).toThrow();
        // What came in between leaves no trace.
        sized.gradients(own, 3);
        expect(sized.gradients(other, 3)).toEqual(alone);
      }
      sized.close();
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('changes nothing when the vector to apply holds %d', (bad) => {
      for (const position of [0, layout.numKernelElements, numParameters, scalars.loss]) {
        const reduced = new Float32Array(layout.vectorLength);
        reduced[position] = bad;
        expect(() => engine.apply(reduced, HYPERPARAMETERS)).toThrow(NotFiniteError);
      }
      expect(engine.readState()).toEqual(randomState(layout, 1));
    });

    it('evaluates a set to the sums of its parts', () => {
      const batch = randomBatch(network, 5, 9);
      const whole = engine.evaluate(batch);
      const parts = [part(network, batch, 0, 2), part(network, batch, 2, 5)].map((piece) => engine.evaluate(piece));
      const sums = [0, 1, 2, 3].map((index) => parts.reduce((sum, piece) => sum + (piece[index] ?? 0), 0));
      expect(sums[0]).toBeCloseTo(whole[0], 4);
      expect(sums.slice(1)).toEqual(whole.slice(1));
    });

    it('predicts what it evaluates, each sample by itself', () => {
      const batch = randomBatch(network, 5, 10);
      const logits = engine.predict(batch);
      const { numClasses } = network;
      let [loss, correct] = [0, 0];
      for (const [sample, label] of batch.labels.entries()) {
        const row = [...logits.subarray(sample * numClasses, (sample + 1) * numClasses)];
        loss += Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0)) - (row[label] ?? 0);
        correct += Number(row.indexOf(Math.max(...row)) === label);
        const single = engine.predict(part(network, batch, sample, sample + 1));
        expect(relativeError(single, Float32Array.from(row))).toBeLessThan(1e-5);
      }
      const evaluated = engine.evaluate(batch);
      expect(evaluated[0]).toBeCloseTo(loss, 3);
      expect(evaluated[1]).toBe(correct);
    });

    it('counts the labels among the five best, as sorting by score and then by class does', () => {
      const manyClasses = withClasses(SIDE_BRANCH, 12);
      const manyLayout = layoutOf(manyClasses);
      const side = make(manyClasses, manyLayout);
      const batch = { ...randomBatch(manyClasses, 12, 17), labels: Int32Array.from({ length: 12 }, (_, at) => at) };
      const bruteForce = (logits: Float32Array): number =>
        batch.labels.reduce((count, label, sample) => {
          const row = [...logits.subarray(sample * 12, (sample + 1) * 12)];
          const ranked = [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
          return count + Number(ranked.indexOf(label) < 5);
        }, 0);
      side.writeState(randomState(manyLayout, 18));
      expect(side.evaluate(batch)[3]).toBe(bruteForce(side.predict(batch)));
      // All weights zero: every class ties, and the first five are the best.
      const zero = randomState(manyLayout, 18);
      zero.parameters.fill(0);
      side.writeState(zero);
      expect(side.evaluate(batch).slice(1)).toEqual([1, 12, 5]);
      side.close();
    });

    it('leaves the state alone in everything but apply and writeState', () => {
      const batch = randomBatch(network, 3, 11);
      engine.gradients(batch, 3);
      engine.evaluate(batch);
      engine.predict(batch);
      expect(engine.readState()).toEqual(randomState(layout, 1));
    });

    it('reads back the bits that were written and keeps none of the memory', () => {
      const written = randomState(layout, 12);
      // The smallest denormal and minus zero survive.
      written.parameters.set([1.4e-45, -0], 0);
      const expected = { ...written, parameters: written.parameters.slice(), statistics: written.statistics.slice() };
      engine.writeState(written);
      written.parameters.fill(9);
      written.statistics.fill(9);
      const read = engine.readState();
      expect(read).toEqual({ ...expected, momentum: read.momentum });
      read.parameters.fill(9);
      expect(engine.readState().parameters).toEqual(expected.parameters);
    });

    it('refuses what does not fit before it changes anything', () => {
      const batch = randomBatch(network, 2, 13);
      const wrongLabel = { ...batch, labels: Int32Array.of(0, network.numClasses) };
      const wrongImages = { ...batch, images: batch.images.slice(1) };
      const wrongCount = { ...batch, numSamples: 3 };
      for (const wrong of [wrongLabel, wrongImages, wrongCount]) {
        expect(() => engine.gradients(wrong, 2)).toThrow();
        expect(() => engine.evaluate(wrong)).toThrow();
      }
      expect(() => engine.predict(wrongImages)).toThrow();
      expect(() => engine.apply(new Float32Array(layout.vectorLength - 1), HYPERPARAMETERS)).toThrow();
      const state = randomState(layout, 14);
      expect(() => engine.writeState({ ...state, statistics: state.statistics.slice(1) })).toThrow();
      expect(engine.readState()).toEqual(randomState(layout, 1));
    });

    it('leaves no tensor behind over 200 steps', () => {
      const sideLayout = layoutOf(SIDE_BRANCH);
      const side = make(SIDE_BRANCH, sideLayout);
      side.writeState(randomState(sideLayout, 15));
      const batch = randomBatch(SIDE_BRANCH, 1, 16);
      const step = (): void => {
        side.apply(side.gradients(batch, 1), { ...HYPERPARAMETERS, learningRate: 1e-4 });
      };
      step();
      const before = numLiveTensors();
      for (let count = 0; count < 200; count += 1) {
        step();
        if (count % 20 === 0) expect([side.evaluate(batch)[2], side.predict(batch).length]).toEqual([1, 3]);
      }
      expect(numLiveTensors()).toBe(before);
      side.close();
    });
  });
}
