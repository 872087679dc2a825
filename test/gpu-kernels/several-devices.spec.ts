import { describe, expect, it } from '@jest/globals';
import { DEFAULT_STEP_CONFIG, encodeReplicaGraph } from '#engine';
import { layoutOf } from '#resnet';
import { configOf } from '../../libs/engine/src/testing/fixtures.js';
import { TINY_NETWORKS } from '../../libs/engine/src/graph/testing/tiny-networks.js';
import { gpuFault } from './kernel-table.js';
import { CONFIGS } from './networks.js';
import { nodesBySignature, type GraphNode } from './saved-graph.js';

const network = TINY_NETWORKS['zero-pad shortcut by 2'] ?? { architecture: '', imageSize: 0, numClasses: 0, nodes: [] };
const layout = layoutOf(network);
const DEVICES = [0, 1, 2].map((index) => `/device:GPU:${index}`);
const deviceOf = (index: number): string => DEVICES[index] ?? '';

/** Nodes of the graph of so many slots on three devices, by signature. */
const graphOf = (numSlots: number, config = DEFAULT_STEP_CONFIG): Readonly<Record<string, readonly GraphNode[]>> =>
  nodesBySignature(encodeReplicaGraph(network, layout, config, { numSlots, devices: DEVICES }));

/** Nodes whose results go from one device to another, each once for every device that takes it. */
function crossing(nodes: readonly GraphNode[]): readonly { readonly from: GraphNode; readonly to: string }[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const seen = new Set<string>();
  return nodes.flatMap(({ inputs, device }) =>
    inputs.flatMap((name) => {
      const from = byName.get(name);
      if (!from || from.device === '' || device === '' || from.device === device) return [];
      if (seen.has(`${name} ${device}`)) return [];
      seen.add(`${name} ${device}`);
      return [{ from, to: device }];
    }),
  );
}

describe('a graph on several devices', () => {
  it.each([
    [3, [0, 1, 2]],
    [6, [0, 0, 1, 1, 2, 2]],
    [4, [0, 0, 1, 2]],
    [2, [0, 1]],
  ])('has %d lanes on the devices %j, and each of these has the whole replica', (numSlots, deviceOfSlot) => {
    const numUsed = new Set(deviceOfSlot).size;
    const places = Object.values(graphOf(numSlots)).flat();
    const misplaced = places.filter(({ name, device }) => {
      const lane = /^lane-(\d+)\//.exec(name)?.[1];
      const index = lane === undefined ? /^(?:sums\/)?device-(\d+)\//.exec(name)?.[1] : deviceOfSlot[Number(lane)];
      return index !== undefined && device !== deviceOf(Number(index));
    });
    expect(misplaced).toEqual([]);
    const updated = places.filter(({ operation }) => operation === 'ResourceApplyMomentum').map(({ device }) => device);
    expect(new Set(updated)).toEqual(new Set(DEVICES.slice(0, numUsed)));
  });

  it('leaves nothing for TensorFlow to place but constants and marks that something has run', () => {
    const unplaced = Object.values(graphOf(3))
      .flat()
      .filter(({ device }) => device === '');
    expect(new Set(unplaced.map(({ operation }) => operation))).toEqual(new Set(['Const', 'Identity']));
  });

  it('carries slices of vectors from device to device, and scalars, never a whole vector', () => {
    const { lanes = [], train = [], apply = [], evaluate = [] } = graphOf(6);
    expect(new Set(crossing(lanes).map(({ from }) => from.operation))).toEqual(new Set(['Slice']));
    expect(new Set(crossing(train).map(({ from }) => from.operation))).toEqual(new Set(['ReadVariableOp']));
    expect(new Set(crossing(apply).map(({ from }) => from.operation))).toEqual(new Set(['Bitcast']));
    expect(crossing(evaluate)).toEqual([]);
  });

  it('asks of no device what a GPU cannot do', () => {
    const configs = [DEFAULT_STEP_CONFIG, configOf({ kind: 'lamb', clipNorm: 1 }), CONFIGS[0] ?? DEFAULT_STEP_CONFIG];
    const faults = configs.flatMap((config) =>
      Object.values(graphOf(3, config)).flatMap((nodes) =>
        nodes.flatMap((node) => (node.device === '' ? [] : (gpuFault(node) ?? []))),
      ),
    );
    expect([...new Set(faults)]).toEqual([]);
  });
});
