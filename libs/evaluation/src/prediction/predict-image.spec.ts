import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { makeDecoder } from '#data-loading';
import { buildNetwork, layoutOf } from '#resnet';
import { randomState } from '#engine/testing';
import { GraphInferenceEngine } from '#engine/testing';
import { softmax } from '../protocols/scores.js';
import { predictImage, type LoadedNetwork } from './predict-image.js';

const network = buildNetwork({ architecture: 'resnet20', numClasses: 7 });
const layout = layoutOf(network);
const weights = randomState(layout, 3);

jest.setTimeout(30_000);

/** Noise, the same every time. */
async function photo(format: 'jpeg' | 'png', width: number, height: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height * 3).map((_, at) => (at * 7919) % 251);
  return new Uint8Array(
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .toFormat(format)
      .toBuffer(),
  );
}

describe('predictImage', () => {
  let loaded: LoadedNetwork;
  beforeAll(async () => {
    const engine = new GraphInferenceEngine(network, layout);
    engine.writeWeights(weights);
    loaded = { network, engine, weights, decoder: await makeDecoder('tensorflow') };
  });
  afterAll(() => loaded.engine.close());

  it('gives the probabilities of the center crop, the best first', async () => {
    const image = await photo('png', 32, 32);
    const { data } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
    const logits = loaded.engine.logits({ numImages: 1, height: 32, width: 32, pixels: new Uint8Array(data) });
    const expected = [...softmax(logits).entries()].toSorted((a, b) => b[1] - a[1]).slice(0, 3);
    const prediction = await predictImage(loaded, { image, top: 3, overlay: null, orientation: 'upright' });
    expect(prediction).toEqual({
      kind: 'prediction',
      width: 32,
      height: 32,
      classes: expected.map(([index, probability]) => ({ index, probability: expect.closeTo(probability, 6) })),
      overlay: null,
    });
  });

  it('sees a photo upright, whichever way it is stored, or as it is stored where the run saw its images so', async () => {
    const upright = await photo('png', 40, 60);
    const lying = new Uint8Array(await sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).png().toBuffer());
    const plain = new Uint8Array(await sharp(lying).rotate(0).png().toBuffer());
    const ask = (image: Uint8Array, orientation: 'upright' | 'as-stored') =>
      predictImage(loaded, { image, top: 3, overlay: null, orientation });
    const prediction = await ask(lying, 'upright');
    expect(prediction).toEqual(await ask(upright, 'upright'));
    expect(prediction).toMatchObject({ width: 40, height: 60 });
    const stored = await ask(lying, 'as-stored');
    expect(stored).toEqual(await ask(plain, 'as-stored'));
    expect(stored).toMatchObject({ width: 60, height: 40 });
  });

  it('answers for a strip of 65,500 x 2 in the memory of what is seen of it', async () => {
    const strip = sharp({ create: { width: 65_500, height: 2, channels: 3, background: { r: 9, g: 99, b: 9 } } });
    const image = new Uint8Array(await strip.jpeg().toBuffer());
    const ask = { image, top: 1, overlay: { ofClass: 1 }, orientation: 'upright' } as const;
    expect(await predictImage(loaded, ask)).toMatchObject({ kind: 'prediction', width: 65_500, height: 2 });
  });

  it('gives all classes where fewer are there than asked for, and they add up to one', async () => {
    const prediction = await predictImage(loaded, {
      image: await photo('jpeg', 50, 40),
      top: 100,
      overlay: null,
      orientation: 'upright',
    });
    const classes = prediction.kind === 'prediction' ? prediction.classes : [];
    expect(classes).toHaveLength(7);
    expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
  });

  it.each([
    [48, 30, 224],
    [400, 300, 300],
    [800, 600, 512],
  ])('draws over the square the network saw of %i x %i as a PNG of side %i', async (width, height, side) => {
    const image = await photo('jpeg', width, height);
    const prediction = await predictImage(loaded, { image, top: 1, overlay: { ofClass: 2 }, orientation: 'upright' });
    const overlay = prediction.kind === 'prediction' ? prediction.overlay : null;
    expect(overlay?.ofClass).toBe(2);
    const metadata = await sharp(overlay?.png).metadata();
    expect(metadata).toMatchObject({ format: 'png', width: side, height: side, channels: 3 });
  });

  it('draws for the most probable class unless told otherwise', async () => {
    const image = await photo('png', 32, 32);
    const prediction = await predictImage(loaded, {
      image,
      top: 1,
      overlay: { ofClass: null },
      orientation: 'upright',
    });
    if (prediction.kind !== 'prediction') throw new Error(prediction.reason);
    expect(prediction.overlay?.ofClass).toBe(prediction.classes[0]?.index);
  });

  it('refuses what is no image, what is cut short and what is damaged, with the reason', async () => {
    const whole = await photo('png', 64, 64);
    const damaged = whole.slice();
    damaged.fill(0, 200, 400);
    const ask = (image: Uint8Array) => predictImage(loaded, { image, top: 1, overlay: null, orientation: 'upright' });
    expect(await ask(Buffer.from('GIF89a..........'))).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/GIF/),
    });
    expect(await ask(whole.subarray(0, 20))).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/cut short/),
    });
    expect(await ask(whole.subarray(0, 500))).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/cut short/),
    });
    expect(await ask(damaged)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/cannot decode/) });
  });
});
