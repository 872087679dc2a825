/**
 * Entry of a process that trains the same steps with a plain graph and with one that is marked for XLA, in turn, and prints
 * one JSON line. Argument: its options as JSON.
 */
import { DEFAULT_STEP_CONFIG, encodeReplicaGraph, firstStateOf } from '#engine';
import { initialState, layoutOf } from '#resnet';
import { configureThreads, Session, type Feeds } from '#tensorflow-runtime';
import { byName } from '../../../libs/engine/src/state.js';
import { signatureFeeds } from '../operations/signature-feeds.js';
import { compiledGraph } from './compiled-graph.js';
import { networkOf, xlaOptionsSchema, type XlaReport } from './xla-report.js';

const NUM_TURNS = 3;

const { network: name, batch, precision, steps } = xlaOptionsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
configureThreads();
const network = networkOf(name);
const layout = layoutOf(network);
const config = { ...DEFAULT_STEP_CONFIG, precision };
const bytes = encodeReplicaGraph(network, layout, config);

/** Trains and tells seconds per step and the last loss. */
function trainer(graph: Uint8Array): (numSteps: number) => { readonly seconds: number; readonly loss: number } {
  const session = Session.fromBytes(graph);
  const state = Object.entries(byName(firstStateOf(initialState(layout, 1), layout, config)));
  const bitsOf = (vector: Float32Array): Int32Array<ArrayBuffer> => new Int32Array(Float32Array.from(vector).buffer);
  session.run(
    'writeState',
    Object.fromEntries(state.map(([key, vector]) => [key, { data: bitsOf(vector), shape: [vector.length] }])),
  );
  const feedsOf = (signatureName: string): Feeds => {
    const signature = session.signatures[signatureName];
    if (signature === undefined) throw new Error(`the graph has no signature ${signatureName}`);
    return signatureFeeds(network, signature, batch);
  };
  const lanes = { ...feedsOf('lanes'), globalBatch: { data: Float32Array.of(batch), shape: [] } };
  const numbers = { ...feedsOf('train'), learningRate: { data: Float32Array.of(0.01), shape: [] } };
  return (numSteps) => {
    const begun = performance.now();
    let loss = Number.NaN;
    for (let step = 0; step < numSteps; step += 1) {
      session.runPart('lanes', ['exact/0/1'], lanes);
      const { data } = session.run('train', numbers)['scalars'] ?? {};
      loss = data instanceof Float32Array ? (data[0] ?? Number.NaN) : Number.NaN;
    }
    return { seconds: (performance.now() - begun) / 1000 / numSteps, loss };
  };
}

const ways = { plain: trainer(bytes), compiled: trainer(compiledGraph(bytes)) };
const first = { plain: ways.plain(1), compiled: ways.compiled(1) };
const best = { plain: Infinity, compiled: Infinity };
for (let turn = 0; turn < NUM_TURNS; turn += 1) {
  for (const way of ['plain', 'compiled'] as const) best[way] = Math.min(best[way], ways[way](steps).seconds);
}
const report: XlaReport = {
  compileSeconds: first.compiled.seconds,
  imagesPerSecond: { plain: batch / best.plain, compiled: batch / best.compiled },
  firstLoss: { plain: first.plain.loss, compiled: first.compiled.loss },
};
process.stdout.write(`${JSON.stringify(report)}\n`);
