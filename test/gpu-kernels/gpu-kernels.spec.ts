import { describe, expect, it } from '@jest/globals';
import type { BlockTable } from '#contracts';
import { buildNetwork, layoutOf, type Network } from '#resnet';
import { encodeInferenceGraph, encodeReplicaGraph } from '#engine';
import { attribute, encodeSavedModel, GraphBuilder, tensorSpec, type Tensor } from '#tensorflow-graph';

import { tensorflowWheel } from '../../libs/tensorflow-runtime/src/provision/tensorflow-wheels.js';
import { gpuFault, KERNEL_TABLE } from './kernel-table.js';
import { CONFIGS, NETWORKS } from './networks.js';
import { nodesBySignature } from './saved-graph.js';

/** A message to people, for when the assertion beside it fails: it is read on the host, and only then. */
const ON_THE_CPU = 'Const (dtype string): no GPU kernel for these types';

/** What keeps the signatures of a graph from running on a GPU, each fault once. */
function faultsOf(graph: Uint8Array): readonly string[] {
  const found = Object.entries(nodesBySignature(graph)).flatMap(([signature, nodes]) =>
    nodes.flatMap((node) => {
      const fault = gpuFault(node);
      return fault === undefined || fault === ON_THE_CPU ? [] : [`${signature}: ${fault}`];
    }),
  );
  return [...new Set(found)];
}

/** A graph of one operation of the given name. */
function graphOf(type: string, attributes: Parameters<GraphBuilder['tensor']>[2]): Uint8Array {
  const graph = new GraphBuilder();
  const y: Tensor = graph.tensor(type, 'float32', attributes);
  return encodeSavedModel(graph, { run: { inputs: {}, outputs: { y: tensorSpec(y) } } });
}

describe('the table of GPU kernels', () => {
  it('was read out of the TensorFlow that is pinned', () => {
    const wheel = tensorflowWheel('gpu', 'linux', 'x64');
    expect(KERNEL_TABLE).toMatchObject({
      tensorflow: wheel?.version,
      wheel: wheel?.fileName,
      sha256: wheel?.sha256,
    });
  });

  it('tells what no GPU runs, and what one refuses under determinism', () => {
    const T = attribute.type('float32');
    const batchNorm = (isTraining: boolean): Uint8Array =>
      graphOf('FusedBatchNormGradV3', { attributes: { T, U: T, is_training: attribute.bool(isTraining) } });
    expect(
      faultsOf(graphOf('SparseSoftmaxCrossEntropyWithLogits', { attributes: { T, Tlabels: attribute.type('int32') } })),
    ).toEqual([
      expect.stringMatching(/^run: SparseSoftmax\w+ \(T float32, Tlabels int32\): refused where .* is not det/),
    ]);
    expect(faultsOf(batchNorm(true))).toEqual([]);
    expect(faultsOf(batchNorm(false))).toEqual([expect.stringContaining('when training is disabled')]);
    expect(faultsOf(graphOf('ResourceApplyMomentum', { attributes: { T: attribute.type('bfloat16') } }))).toEqual([
      'run: ResourceApplyMomentum (T bfloat16): no GPU kernel for these types',
    ]);
    expect(faultsOf(graphOf('DecodeJpeg', {}))).toEqual(['run: DecodeJpeg (): no GPU kernel at all']);
  });
});

describe('on a GPU, with the same bits each time, every operation can be run of', () => {
  it.each(Object.entries(NETWORKS))('%s', (_, networks) => {
    const faults = networks().flatMap((network) => {
      const layout = layoutOf(network);
      const graphs = [encodeReplicaGraph(network, layout), encodeInferenceGraph(network, layout)];
      return graphs.flatMap(faultsOf).map((fault) => `${network.architecture}: ${fault}`);
    });
    expect(faults).toEqual([]);
  });

  it('every optimiser, with every combination of what else a step can be', () => {
    const blocks: BlockTable = { kind: 'basic', stem: '3x3', widths: [4, 6], numBlocks: [1, 1] };
    const network: Network = buildNetwork({ architecture: 'custom', numClasses: 10, blocks, imageSize: 16 });
    const faults = CONFIGS.flatMap((config) =>
      faultsOf(encodeReplicaGraph(network, layoutOf(network), config)).map(
        (fault) => `${JSON.stringify(config)}: ${fault}`,
      ),
    );
    expect(faults).toEqual([]);
  });
});
