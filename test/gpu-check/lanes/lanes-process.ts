/**
 * Entry of a process that trains some steps in each of some ways, one engine after the other, and prints one JSON line.
 * Argument: its options as JSON.
 */
import type { Batch } from '#data-loading';
import { DEFAULT_STEP_CONFIG, firstStateOf, type BatchTree, type TrainedStep } from '#engine';
import { foldTree } from '#parameter-server';
import { buildNetwork, initialState, layoutOf } from '#resnet';
import { configureThreads } from '#tensorflow-runtime';
import { digestNow } from '#vectors';
import { GraphEngine } from '../../../libs/engine/src/graph/graph-engine.js';
import { lanesOptionsSchema, type LanesReport, type WayOfLanes } from './lanes-report.js';

const options = lanesOptionsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
configureThreads({ engines: Math.max(...options.ways.map(({ lanesAtOnce }) => lanesAtOnce)) });
const network = buildNetwork({ architecture: options.architecture, numClasses: 1000 });
const layout = layoutOf(network);
const config = { ...DEFAULT_STEP_CONFIG, precision: options.precision };

/** Other pixels for every lane. */
function batchOf(lane: number, numSamples: number): Batch {
  const images = new Uint8Array(numSamples * network.imageSize ** 2 * 3);
  for (let index = 0; index < images.length; index += 1) images[index] = ((index + lane) * 2_654_435_761) >>> 24;
  return { images, labels: Int32Array.from({ length: numSamples }, (_, index) => index), numSamples };
}

function measure(way: WayOfLanes): LanesReport[number] {
  const { lanes, batch, lanesAtOnce, how, devices } = way;
  const engine = new GraphEngine(network, layout, config, { lanesAtOnce, devices });
  engine.writeState(firstStateOf(initialState(layout, 1), layout, config));
  const tree = foldTree<BatchTree>(
    { lo: 0, hi: lanes },
    (lane) => batchOf(lane, batch),
    (left, right) => [left, right],
  );
  const sums = { globalBatch: lanes * batch, numRounded: 0 };
  const exchanged = (step: number): Pick<TrainedStep, 'digest'> => {
    const [root] = engine.gradients([tree], sums);
    if (!root) throw new Error('the tree has no sum');
    engine.apply(root, { learningRate: 0.01, step });
    return { digest: digestNow(root) };
  };
  const train = (step: number): Pick<TrainedStep, 'digest'> =>
    how === 'train' ? engine.train(tree, sums, { learningRate: 0.01, step }) : exchanged(step);
  for (let step = 1; step <= options.warmup; step += 1) train(step);
  engine.takeTraffic();
  const begun = performance.now();
  let digest = '';
  for (let step = 1; step <= options.steps; step += 1) ({ digest } = train(options.warmup + step));
  const seconds = (performance.now() - begun) / 1000;
  const traffic = Object.values(engine.takeTraffic());
  const perStep = (what: 'fedBytes' | 'fetchedBytes'): number =>
    traffic.reduce((sum, each) => sum + each[what], 0) / options.steps;
  engine.close();
  const imagesPerSecond = (options.steps * lanes * batch) / seconds;
  return { way, imagesPerSecond, fedBytes: perStep('fedBytes'), fetchedBytes: perStep('fetchedBytes'), digest };
}

process.stdout.write(`${JSON.stringify({ ways: options.ways.map(measure) })}\n`);
