import { describe, expect, it } from '@jest/globals';
import { evaluationResult, mergeTallies, protocolSchema, randomStream } from '#contracts';
import { UnreadableSampleError } from '#dataset';
import { buildNetwork } from '#resnet';
import type { PixelBatch } from '#engine/testing';
import { readTally } from './counts-vector.js';
import { Evaluator, type EnsembleModel } from './evaluator.js';
import { softmax } from './scores.js';
import { TestCropBatches } from './test-crop-batches.js';
import type { TestCropsOfSamples } from './test-crop-messages.js';

const NUM_CLASSES = 7;
const network = buildNetwork({ architecture: 'resnet20', numClasses: NUM_CLASSES });
const protocol = protocolSchema.parse({ kind: 'center', flip: true });
const labelOf = (sample: number): number => sample % NUM_CLASSES;
const UNREADABLE = 1000;

/** Two crops a sample, of two shapes, so that batches mix samples and crops. */
function crops(samples: Uint32Array, imageSizes: readonly number[]): Promise<TestCropsOfSamples> {
  const batches = new TestCropBatches();
  const failures: TestCropsOfSamples['failures'][number][] = [];
  for (const [row, sample] of samples.entries()) {
    if (sample === UNREADABLE) failures.push({ row, path: 'broken.jpg', reason: 'cut short' });
    else {
      for (const imageSize of imageSizes) {
        for (const crop of [0, 1]) {
          const size = { width: 1 + ((sample + crop) % 2), height: 1 };
          batches.add(imageSize, row, { ...size, pixels: new Uint8Array(size.width * 3).fill(2 * sample + crop) });
        }
      }
    }
  }
  return Promise.resolve({ labels: Int32Array.from(samples, labelOf), batches: batches.take(), failures });
}

const logitsOf = (crop: number, seed: number): number[] => {
  const stream = randomStream(seed, crop);
  return Array.from({ length: NUM_CLASSES }, () => stream.nextNormal());
};

/** Logits are a function of a crop's first byte and the seed alone. */
const model = (seed: number): EnsembleModel => ({
  network,
  logits: ({ pixels, numImages }: PixelBatch) => {
    const bytes = pixels.length / numImages;
    const rows = Array.from({ length: numImages }, (_, at) => logitsOf(pixels[at * bytes] ?? 0, seed));
    return Promise.resolve(Float32Array.from(rows.flat()));
  },
});

const evaluator = (models: readonly EnsembleModel[], over: { samplesAtOnce?: number; skip?: boolean } = {}) =>
  new Evaluator({
    protocol,
    models,
    crops: { crops },
    samplesAtOnce: over.samplesAtOnce ?? 3,
    unreadable: over.skip === true ? 'skip' : 'refuse',
  });
const range = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, at) => from + at);
const tally = async (of: Evaluator, samples: Uint32Array) => readTally((await of.counts(samples)).vector, NUM_CLASSES);

/** Mean of the softmax of all crops and models, sorted by score and then by class. */
function bruteForce(samples: Uint32Array, seeds: readonly number[]) {
  let [lossSum, correct, correctTop5] = [0, 0, 0];
  for (const sample of samples) {
    const scores = Array.from({ length: NUM_CLASSES }, () => 0);
    for (const seed of seeds) {
      for (const crop of [0, 1]) {
        const row = softmax(Float32Array.from(logitsOf(2 * sample + crop, seed)));
        row.forEach((score, index) => (scores[index] = (scores[index] ?? 0) + score / (2 * seeds.length)));
      }
    }
    const ranked = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    const rank = ranked.indexOf(labelOf(sample));
    lossSum -= Math.log(scores[labelOf(sample)] ?? 0);
    correct += Number(rank === 0);
    correctTop5 += Number(rank < 5);
  }
  return { lossSum, correct, correctTop5 };
}

describe('an evaluator', () => {
  it.each([[[1]], [[1, 2, 3]]])('averages the scores of crops and networks: %j', async (seeds) => {
    const found = await tally(evaluator(seeds.map(model)), range(0, 50));
    const expected = bruteForce(range(0, 50), seeds);
    expect(found).toMatchObject({ samples: 50, correct: expected.correct, correctTop5: expected.correctTop5 });
    expect(found.lossSum).toBeCloseTo(expected.lossSum, 4);
  });

  it('makes of an ensemble of one, or of the same network twice, what the network makes alone', async () => {
    const alone = await tally(evaluator([model(1)]), range(0, 20));
    const twice = await tally(evaluator([model(1), model(1)]), range(0, 20));
    expect(twice).toEqual(alone);
  });

  it('counts every sample once, however uneven the slices, into tallies that add up', async () => {
    const whole = await tally(evaluator([model(1)]), range(0, 53));
    const bounds = [0, 1, 1, 20, 21, 53];
    const parts = [];
    for (const [at, from] of bounds.slice(0, -1).entries()) {
      parts.push(await tally(evaluator([model(1)]), range(from, bounds[at + 1] ?? from)));
    }
    const merged = mergeTallies(parts);
    expect({ ...merged, lossSum: 0 }).toEqual({ ...whole, lossSum: 0 });
    expect(merged.lossSum).toBeCloseTo(whole.lossSum, 4);
    expect(merged.confusion.reduce((sum, [, , count]) => sum + count, 0)).toBe(53);
  });

  it('gives shares per class that add up to the whole, and top-5 only where it says something', async () => {
    const names = range(0, NUM_CLASSES).reduce<string[]>((list, at) => [...list, `class ${at}`], []);
    const counted = await tally(evaluator([model(1)]), range(0, 53));
    const result = evaluationResult(counted, names);
    expect(result.classes.reduce((sum, { correct }) => sum + correct, 0)).toBe(counted.correct);
    expect(result.classes.map(({ samples }) => samples)).toEqual([8, 8, 8, 8, 7, 7, 7]);
    expect(result.top5Accuracy).toBe(counted.correctTop5 / 53);
    const few = {
      lossSum: 1,
      samples: 1,
      correct: 1,
      correctTop5: 1,
      confusion: [[1, 1, 1] as [number, number, number]],
    };
    expect(evaluationResult(few, ['a', 'b']).top5Accuracy).toBeUndefined();
    expect(evaluationResult(few, ['a', 'b']).classes[0]?.accuracy).toBeNull();
  });

  it('refuses a sample that cannot be read, or leaves it out', async () => {
    const samples = Uint32Array.of(1, UNREADABLE, 2);
    await expect(tally(evaluator([model(1)]), samples)).rejects.toThrow(UnreadableSampleError);
    expect((await tally(evaluator([model(1)], { skip: true }), samples)).samples).toBe(2);
  });

  it('says so when the scores are no numbers', async () => {
    const broken: EnsembleModel = {
      network,
      logits: ({ numImages }) => Promise.resolve(new Float32Array(numImages * NUM_CLASSES).fill(Number.NaN)),
    };
    await expect(tally(evaluator([broken]), range(0, 2))).rejects.toThrow('not finite');
  });
});
