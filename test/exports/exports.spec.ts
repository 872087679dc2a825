import { DEFAULT_STEP_CONFIG, firstStateOf } from '#engine';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import sharp from 'sharp';
import { randomStream } from '#contracts';
import { exportModel, type ExportedModel } from '#export';
import { layoutOf, weightsFromSafetensors, type Network } from '#resnet';
import { Session, type Fetched } from '#tensorflow-runtime';
import { centerTestCrop, cutOf, cutOfTestCrop, makeDecoder, openFile } from '#data-loading';
import { GraphEngine } from '../../libs/engine/src/graph/graph-engine.js';
import { TINY_NETWORKS } from '../../libs/engine/src/graph/testing/tiny-networks.js';
import { relativeError } from '../numerics/golden-file.js';
import { hashedState, networkWithLayout } from '../numerics/hash-formula.js';
import { runForeign } from './foreign-runtime.js';

jest.setTimeout(300_000);

const NUM_IMAGES = 2;
const named = (options: Parameters<typeof networkWithLayout>[0]): Network => networkWithLayout(options).network;
/** Every kind of node, every way of padding it, and whole networks of both families. */
const NETWORKS: readonly (readonly [string, Network])[] = [
  ...Object.entries(TINY_NETWORKS),
  ['resnet20, option A', named({ architecture: 'resnet20', numClasses: 10 })],
  ['resnet20, option C', named({ architecture: 'resnet20', numClasses: 10, shortcut: 'C' })],
  ['plain20', named({ architecture: 'plain20', numClasses: 10 })],
  ['resnet18, 72 pixels', named({ architecture: 'resnet18', numClasses: 12, imageSize: 72 })],
];

function modelOf(network: Network): ExportedModel {
  const layout = layoutOf(network);
  const { parameters, statistics } = hashedState(network, layout);
  const classes = Array.from({ length: network.numClasses }, (_, index) => `class ${index}`);
  return { network, layout, parameters, statistics, classes, numBatchesTracked: 7 };
}

function floats(fetched: Fetched | undefined): Float32Array {
  if (!(fetched?.data instanceof Float32Array)) throw new Error('no floats came');
  return fetched.data;
}

/** Classes of each image from the most likely on, at most five. */
function topFive(logits: ArrayLike<number>, numClasses: number): number[][] {
  return Array.from({ length: logits.length / numClasses }, (_, image) =>
    Array.from({ length: numClasses }, (__, index) => index)
      .sort((left, right) => (logits[image * numClasses + right] ?? 0) - (logits[image * numClasses + left] ?? 0))
      .slice(0, 5),
  );
}

/** A network, what it is fed, and what the engine says to it. */
interface Case {
  readonly network: Network;
  readonly model: ExportedModel;
  readonly normalized: Float32Array;
  readonly ofNormalized: Float32Array;
  /** Square images whose middle evaluation looks at without resizing. */
  readonly pixels: { readonly side: number; readonly values: Int32Array };
  readonly ofPixels: Float32Array;
}

function caseOf(network: Network): Case {
  const model = modelOf(network);
  const side = network.imageSize;
  const stream = randomStream(11);
  const normalized = Float32Array.from({ length: NUM_IMAGES * side * side * 3 }, () => stream.nextNormal());
  const pixelSide = centerTestCrop(side).shorterSide;
  const values = Int32Array.from({ length: NUM_IMAGES * pixelSide * pixelSide * 3 }, () => stream.nextInt(256));
  const engine = new GraphEngine(network, model.layout);
  try {
    engine.writeState(firstStateOf(model, model.layout, DEFAULT_STEP_CONFIG));
    const images = cutMiddle(Uint8Array.from(values), pixelSide, side);
    return {
      network,
      model,
      normalized,
      ofNormalized: engine.predictNormalized(normalized, NUM_IMAGES),
      pixels: { side: pixelSide, values },
      ofPixels: engine.predict({ images, labels: new Int32Array(NUM_IMAGES), numSamples: NUM_IMAGES }),
    };
  } finally {
    engine.close();
  }
}

describe('an exported network predicts what the engine predicts', () => {
  let cases: readonly Case[];
  beforeAll(() => {
    cases = NETWORKS.map(([, network]) => caseOf(network));
  });

  /** One answer for each network. */
  const expectSame = (
    answers: readonly { readonly logits: ArrayLike<number>; readonly probabilities: ArrayLike<number> }[],
    wanted: (one: Case) => Float32Array,
  ): void => {
    const wrong = cases.flatMap((one, index) => {
      const [name] = NETWORKS[index] ?? [''];
      const { logits = [], probabilities = [] } = answers[index] ?? {};
      const expected = wanted(one);
      const { numClasses } = one.network;
      const isSameOrder = JSON.stringify(topFive(logits, numClasses)) === JSON.stringify(topFive(expected, numClasses));
      const error = relativeError(Float32Array.from(logits), expected);
      const share = relativeError(Float32Array.from(probabilities), softmaxOf(expected, numClasses));
      return isSameOrder && error < 1e-4 && share < 1e-3 ? [] : [{ name, isSameOrder, error, share }];
    });
    expect(wrong).toEqual([]);
  };

  it('as a SavedModel', () => {
    const answers = cases.map(({ model, normalized, network: { imageSize } }) => {
      const [file] = exportModel(model, 'savedmodel');
      const session = Session.fromBytes(file?.bytes ?? new Uint8Array());
      try {
        const images = { data: normalized, shape: [NUM_IMAGES, imageSize, imageSize, 3] };
        const { logits, probabilities } = session.run('normalized', { images });
        return { logits: floats(logits), probabilities: floats(probabilities) };
      } finally {
        session.close();
      }
    });
    expectSame(answers, (one) => one.ofNormalized);
  });

  it('in ONNX Runtime', async () => {
    const jobs = cases.map(({ model, normalized, network: { imageSize } }) => ({
      files: exportModel(model, 'onnx'),
      shape: [NUM_IMAGES, 3, imageSize, imageSize],
      values: planar(normalized, imageSize),
    }));
    expectSame(await runForeign('onnx', jobs), (one) => one.ofNormalized);
  });

  it('in TensorFlow.js, of pixels, and names the classes', async () => {
    const jobs = cases.map(({ model, pixels: { side, values } }) => ({
      files: exportModel(model, 'tfjs'),
      shape: [NUM_IMAGES, side, side, 3],
      values,
    }));
    const answers = await runForeign('tfjs', jobs);
    expectSame(answers, (one) => one.ofPixels);
    expect(answers.map(({ metadata }) => metadata?.['classes'])).toEqual(cases.map(({ model }) => model.classes));
  });

  it('and comes back from safetensors', () => {
    for (const { network, model } of cases) {
      const [file] = exportModel(model, 'safetensors');
      const loaded = weightsFromSafetensors(network, model.layout, file?.bytes ?? new Uint8Array());
      expect(hasSameBytes(loaded.parameters, model.parameters)).toBe(true);
      expect(hasSameBytes(loaded.statistics, model.statistics)).toBe(true);
      expect(loaded.numBatchesTracked).toBe(7);
    }
  });
});

/** Jest compares millions of numbers one by one, which takes minutes. */
const hasSameBytes = (left: Float32Array, right: Float32Array): boolean =>
  Buffer.compare(Buffer.from(left.buffer), Buffer.from(right.buffer)) === 0;

function softmaxOf(logits: Float32Array, numClasses: number): Float32Array {
  const exponentials = logits.map(Math.exp);
  return exponentials.map((value, index) => {
    const row = index - (index % numClasses);
    return value / exponentials.subarray(row, row + numClasses).reduce((sum, one) => sum + one, 0);
  });
}

/** NHWC to NCHW. */
function planar(images: Float32Array, side: number): Float32Array {
  const planes = new Float32Array(images.length);
  const numPixels = side * side;
  images.forEach((value, at) => {
    const pixel = Math.floor(at / 3);
    planes[(Math.floor(pixel / numPixels) * 3 + (at % 3)) * numPixels + (pixel % numPixels)] = value;
  });
  return planes;
}

/** The square in the middle of each square image. */
function cutMiddle(images: Uint8Array, from: number, to: number): Uint8Array {
  const numImages = images.length / (from * from * 3);
  const offset = Math.floor((from - to) / 2);
  const cut = new Uint8Array(numImages * to * to * 3);
  for (let row = 0; row < numImages * to; row += 1) {
    const image = Math.floor(row / to);
    const begin = ((image * from + offset + (row % to)) * from + offset) * 3;
    cut.set(images.subarray(begin, begin + to * 3), row * to * 3);
  }
  return cut;
}

describe('preprocessing inside an export', () => {
  // A small network: what is compared is the pixels it sees. Shifted by one, they give another 3e-3 at least.
  const network = named({ architecture: 'resnet8', numClasses: 10, imageSize: 72 });
  const model = modelOf(network);
  let engine: GraphEngine;
  let session: Session;
  beforeAll(() => {
    engine = new GraphEngine(network, model.layout);
    engine.writeState(firstStateOf(model, model.layout, DEFAULT_STEP_CONFIG));
    session = Session.fromBytes(exportModel(model, 'savedmodel')[0]?.bytes ?? new Uint8Array());
  });
  afterAll(() => {
    engine.close();
    session.close();
  });

  /** What evaluation makes of a file: the decoder of the data threads, the crop of evaluation, the engine. */
  async function evaluated(bytes: Uint8Array): Promise<Float32Array> {
    const image = openFile(bytes, { decoder: await makeDecoder('tensorflow'), orientation: 'as-stored' });
    const { pixels: images } = await cutOf(image, cutOfTestCrop(image, centerTestCrop(network.imageSize)));
    return engine.predict({ images, labels: new Int32Array(1), numSamples: 1 });
  }

  const expectClose = (logits: Float32Array, wanted: Float32Array, tolerance: number): void => {
    expect(topFive(logits, 10)).toEqual(topFive(wanted, 10));
    expect(relativeError(logits, wanted)).toBeLessThan(tolerance);
  };

  /** Smaller, as large, a little larger, of odd sides and high, much larger. */
  const SIZES = [
    { width: 50, height: 61 },
    { width: 82, height: 82 },
    { width: 131, height: 97 },
    { width: 101, height: 143 },
    { width: 401, height: 300 },
  ];

  it('treats pixels and PNG files as evaluation does, in TensorFlow and TensorFlow.js', async () => {
    const images = await Promise.all(SIZES.map(async (size) => ({ ...size, data: await smoothImage(size) })));
    const files = exportModel(model, 'tfjs');
    const answers = await runForeign(
      'tfjs',
      images.map(({ data, width, height }) => ({ files, shape: [1, height, width, 3], values: Int32Array.from(data) })),
    );
    for (const [index, { data, width, height }] of images.entries()) {
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      const wanted = await evaluated(png);
      const ofPixels = session.run('serving_default', { images: { data, shape: [1, height, width, 3] } });
      expectClose(floats(ofPixels['logits']), wanted, 4e-4);
      const ofBytes = session.run('encoded', { image_bytes: { data: [png], shape: [] } });
      expectClose(floats(ofBytes['logits']), wanted, 4e-4);
      expectClose(Float32Array.from(answers[index]?.logits ?? []), wanted, 4e-4);
    }
  });

  it('decodes JPEG files', async () => {
    const data = await smoothImage({ width: 131, height: 97 });
    const jpeg = await sharp(data, { raw: { width: 131, height: 97, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    const ofBytes = session.run('encoded', { image_bytes: { data: [jpeg], shape: [] } });
    expectClose(floats(ofBytes['logits']), await evaluated(jpeg), 1e-3);
  });
});

/** Random colours, enlarged: an image with structure at every scale that survives resizing. */
async function smoothImage({ width, height }: { width: number; height: number }): Promise<Uint8Array> {
  const stream = randomStream(13);
  const seeds = Uint8Array.from({ length: 16 * 16 * 3 }, () => stream.nextInt(256));
  const enlarged = await sharp(seeds, { raw: { width: 16, height: 16, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  return new Uint8Array(enlarged);
}
