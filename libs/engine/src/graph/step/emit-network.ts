import { add, cast, type Tensor } from '#tensorflow-graph';
import { needsGradient } from '#resnet';
import type { Network, NetworkNode } from '#resnet';
import { layerOf } from '../../layers/layers.js';
import type { EmissionContext, EmittedNode, NodeInput } from '../../layers/layer.js';

export interface EmittedNetwork {
  /** [N, numClasses]. */
  readonly logits: Tensor;
  /** What each node of the network puts out. */
  readonly outputs: readonly Tensor[];
  /** Emits the backward pass, which sets the gradient of every weight. */
  readonly backward: (logitsGradient: Tensor) => void;
}

/** Writes the forward pass of a network over normalised images [N,S,S,3], float32. Logits are float32 as well. */
export function emitNetwork(context: EmissionContext, network: Network, images: Tensor): EmittedNetwork {
  const emitted: (EmittedNode | undefined)[] = [];
  const tensors: Tensor[] = [];
  const isNeeded = needsGradient(network);
  for (const node of network.nodes) {
    if (node.kind === 'input') {
      emitted.push(undefined);
      tensors.push(cast(context.graph, images, context.computeType));
      continue;
    }
    const inputs = node.inputs.map((index): NodeInput => {
      const tensor = tensors[index];
      const source = network.nodes[index];
      if (tensor === undefined || source === undefined)
        throw new Error(`node ${tensors.length} comes before its input ${index}`);
      return { tensor, node: source, needsGradient: isNeeded[index] ?? true };
    });
    const result = emitNode(context, node, inputs);
    emitted.push(result);
    tensors.push(result.output);
  }
  const logits = tensors.at(-1);
  if (logits === undefined || network.nodes.at(-1)?.kind !== 'dense')
    throw new Error('a network ends with a dense node');
  return {
    logits,
    outputs: tensors,
    backward: (logitsGradient) =>
      context.graph.scope('backward', () =>
        backpropagate(
          context,
          network,
          // What nobody needs is not written: in an order of operations it would be computed all the same.
          emitted.map((node, index) => (isNeeded[index] ? node : undefined)),
          logitsGradient,
        ),
      ),
  };
}

/** Writes one node of the network into the graph. */
function emitNode(
  context: EmissionContext,
  node: Exclude<NetworkNode, { kind: 'input' }>,
  inputs: readonly NodeInput[],
): EmittedNode {
  const scope = 'name' in node ? `${node.kind}-${node.name}` : node.kind;
  return context.graph.scope(scope, () => layerOf(node).emit(context, node, inputs));
}

function backpropagate(
  { graph }: EmissionContext,
  network: Network,
  emitted: readonly (EmittedNode | undefined)[],
  logitsGradient: Tensor,
): void {
  const gradients = new Map<number, Tensor>([[network.nodes.length - 1, logitsGradient]]);
  for (let index = network.nodes.length - 1; index > 0; index -= 1) {
    const gradient = gradients.get(index);
    const result = emitted[index];
    // A node without a gradient leads to no loss; one without a result is the image, or needs no gradient.
    if (gradient === undefined || result === undefined) continue;
    gradients.delete(index);
    const inputGradients = result.backward(gradient);
    for (const [position, source] of (network.nodes[index]?.inputs ?? []).entries()) {
      const part = inputGradients[position];
      if (part === undefined) continue;
      // Contributions are added in the order of the walk, which is fixed: the bits depend on it.
      const before = gradients.get(source);
      gradients.set(source, before === undefined ? part : add(graph, before, part));
    }
  }
}
