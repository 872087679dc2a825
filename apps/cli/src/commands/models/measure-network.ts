/** Entry of a child process: builds a network, encodes and loads it and trains two steps. Prints one JSON line. */
import { modelSchema } from '#contracts';
import { buildNetwork, initialState, layoutOf, networkCosts, type NetworkOptions } from '#resnet';
import { byName, DEFAULT_STEP_CONFIG, encodeReplicaGraph, firstStateOf } from '#engine';
import { configureThreads, loadBinding, Session, type Feed } from '#tensorflow-runtime';
import type { Measurement } from './measurement.js';

function timed<Result>(work: () => Result): readonly [Result, number] {
  const begun = performance.now();
  const result = work();
  return [result, performance.now() - begun];
}

const scalar = (value: number): Feed => ({ data: Float32Array.of(value), shape: [] });
const bits = (vector: Float32Array<ArrayBuffer>): Feed => ({
  data: new Int32Array(vector.buffer),
  shape: [vector.length],
});

function measure(model: NetworkOptions): Measurement {
  const [{ network, layout }, buildMs] = timed(() => {
    const built = buildNetwork(model);
    return { network: built, layout: layoutOf(built) };
  });
  const [bytes, encodeMs] = timed(() => encodeReplicaGraph(network, layout));
  configureThreads();
  // Loading the library takes a second of its own, whatever the network.
  loadBinding();
  const [session, loadMs] = timed(() => Session.fromBytes(bytes));
  const state = byName(firstStateOf(initialState(layout, 1), layout, DEFAULT_STEP_CONFIG));
  session.run('writeState', Object.fromEntries(Object.entries(state).map(([name, vector]) => [name, bits(vector)])));
  const side = network.imageSize;
  const step = (): void => {
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, index) => (index * 2_654_435_761) >>> 24);
    session.runPart('lanes', ['exact/0/1'], {
      'images/0': { data: pixels, shape: [1, side, side, 3] },
      'labels/0': { data: Int32Array.of(1), shape: [1] },
      globalBatch: scalar(1),
    });
    session.run('train', {
      // So small that one random image does not make the next step's numbers infinite.
      learningRate: scalar(1e-6),
      momentum: scalar(0.9),
      weightDecay: scalar(1e-4),
    });
  };
  const [, firstStepMs] = timed(step);
  const [, stepMs] = timed(step);
  session.close();
  return {
    name: network.architecture,
    numLayers: networkCosts(network).numLayers,
    numNodes: network.nodes.length,
    buildMs,
    encodeMs,
    graphBytes: bytes.length,
    loadMs,
    firstStepMs,
    stepMs,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

const model = modelSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(`${JSON.stringify(measure(model))}\n`);
