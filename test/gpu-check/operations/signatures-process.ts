/**
 * Entry of a process that runs every signature of the engine's graphs once, `gradientsOfNormalized` twice, and prints one JSON line.
 * Argument: `some` networks, or `all` kinds of nodes. TensorFlow's placer tells on stderr where operations go.
 */
import { encodeInferenceGraph, encodeReplicaGraph, type StepConfig } from '#engine';
import { OPTIMIZERS, optimizerSchema } from '#contracts';
import { layoutOf, type Network } from '#resnet';
import { configureThreads, loadBinding, Session } from '#tensorflow-runtime';
import { FROZEN_NETWORKS, TINY_NETWORKS } from '../../../libs/engine/src/graph/testing/tiny-networks.js';
import type { OperationsReport } from './operations-report.js';
import { signatureFeeds } from './signature-feeds.js';

type Run = OperationsReport['signatures'][number];

/** Between them they have every kind of node. */
const SOME = [
  'convolution 7x7 by 2',
  'max-pool, odd side',
  'zero-pad shortcut by 2',
  'gate per channel, hard sigmoid, no bias',
];
/** Everything that a graph has only when it is asked for, with each optimiser. */
const RULED: readonly StepConfig[] = Object.keys(OPTIMIZERS).map((kind) => ({
  optimizer: optimizerSchema.parse({ kind, decayed: ['kernels', 'bias'], clipNorm: 1 }),
  precision: 'fp32' as const,
  labelSmoothing: 0.1,
  mixes: true,
  averages: true,
  anySize: true,
}));

function graphs(which: string): readonly (readonly [name: string, network: Network, bytes: () => Uint8Array])[] {
  const every = { ...TINY_NETWORKS, ...FROZEN_NETWORKS };
  const chosen = Object.entries(every).filter(([name]) => which === 'all' || SOME.includes(name));
  return chosen.flatMap(([name, network], index) => {
    const layout = layoutOf(network);
    const plain = [name, network, () => encodeReplicaGraph(network, layout)] as const;
    const ruled = RULED.map((config) => {
      const label = `${name}, ${config.optimizer.kind} and all else`;
      return [label, network, () => encodeReplicaGraph(network, layout, config)] as const;
    });
    const inference = [`${name}, inference`, network, () => encodeInferenceGraph(network, layout)] as const;
    return which === 'all' || index === 0 ? [plain, ...ruled, inference] : [plain];
  });
}

function runAll(session: Session, network: Network, graph: string): Run[] {
  // The state comes first: without it nothing else can run.
  const names = Object.keys(session.signatures).sort(
    (a, b) => Number(b.startsWith('write')) - Number(a.startsWith('write')),
  );
  return names.map((signature) => ({ graph, signature, error: errorOf(session, network, signature) }));
}

function errorOf(session: Session, network: Network, name: string): string | null {
  const signature = session.signatures[name];
  if (signature === undefined) return 'it is not there';
  try {
    const once = session.run(name, signatureFeeds(network, signature));
    if (name !== 'gradientsOfNormalized') return null;
    const again = session.run(name, signatureFeeds(network, signature));
    const [first, second] = [once, again].map(({ vector }) =>
      Buffer.from(Float32Array.from(vector?.data as Float32Array).buffer),
    );
    return first !== undefined && second !== undefined && first.equals(second) ? null : 'other bits the second time';
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 4).join(' ');
  }
}

configureThreads();
const binding = loadBinding();
const signatures: Run[] = [];
const chosen = graphs(process.argv[2] ?? 'some');
for (const [name, network, bytes] of chosen) {
  const session = Session.fromBytes(bytes());
  signatures.push(...runAll(session, network, name));
  session.close();
}
const report: OperationsReport = {
  tensorflow: binding.TF_Version,
  usesGpu: binding.isUsingGpuDevice(),
  numGraphs: chosen.length,
  signatures,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
