import { RefusedInputError } from '#contracts';
import type { LayerKind, NetworkNode, NodeOf } from '#resnet';
import type { OnnxAttribute, OnnxGraph } from './onnx-graph.js';

/** What nodes are written into. */
export interface OnnxContext {
  readonly graph: OnnxGraph;
  /** A weight or running statistic by its state-dict name, in PyTorch's layout, as a tensor of the graph. */
  readonly weight: (name: string) => string;
}

const all = (sides: number, value: number): OnnxAttribute => ({ ints: Array.from({ length: sides }, () => value) });

const window = (size: number, stride: number, padding: number): Record<string, OnnxAttribute> => ({
  kernel_shape: all(2, size),
  strides: all(2, stride),
  pads: all(4, padding),
});

/** Writes one node as ONNX operators over NCHW tensors; returns the name of its output. */
type NodeWriter<Kind extends LayerKind> = (
  context: OnnxContext,
  node: NodeOf<Kind>,
  inputs: readonly string[],
) => string;

/** Layers that ONNX has operators for; a network with another one is refused. */
const WRITERS: { readonly [Kind in LayerKind]?: NodeWriter<Kind> } = {
  convolution: ({ graph, weight }, node, inputs) =>
    graph.operator('Conv', {
      inputs: [...inputs, weight(`${node.name}.weight`)],
      attributes: window(node.kernelSize, node.stride, node.padding),
      name: node.name,
    }),
  'batch-normalization': ({ graph, weight }, node, inputs) => {
    const parts = ['weight', 'bias', 'running_mean', 'running_var'];
    return graph.operator('BatchNormalization', {
      inputs: [...inputs, ...parts.map((part) => weight(`${node.name}.${part}`))],
      attributes: { epsilon: { f: node.epsilon } },
      name: node.name,
    });
  },
  relu: ({ graph }, _node, inputs) => graph.operator('Relu', { inputs }),
  'max-pool': ({ graph }, node, inputs) =>
    graph.operator('MaxPool', { inputs, attributes: window(node.size, node.stride, node.padding) }),
  'zero-pad-shortcut': writeZeroPadShortcut,
  add: ({ graph }, _node, inputs) => graph.operator('Add', { inputs }),
  'global-average-pool': ({ graph }, _node, inputs) => {
    const pooled = graph.operator('GlobalAveragePool', { inputs });
    return graph.operator('Flatten', { inputs: [pooled], attributes: { axis: { i: 1 } } });
  },
  dense: ({ graph, weight }, node, inputs) =>
    graph.operator('Gemm', {
      inputs: [...inputs, weight(`${node.name}.weight`), weight(`${node.name}.bias`)],
      attributes: { transB: { i: 1 } },
      name: node.name,
    }),
  linear: ({ graph, weight }, node, inputs) =>
    graph.operator('Gemm', {
      inputs: [...inputs, weight(`${node.name}.weight`)],
      attributes: { transB: { i: 1 } },
      name: node.name,
    }),
  gate: writeGate,
  mix: ({ graph }, _node, [branch = '', shortcut = '', gate = '']) => {
    const difference = graph.operator('Sub', { inputs: [branch, shortcut] });
    return graph.operator('Add', { inputs: [shortcut, graph.operator('Mul', { inputs: [gate, difference] })] });
  },
};

/** Writes one node of the network. Throws RefusedInputError where ONNX has no operators for its kind. */
export function writeNode(context: OnnxContext, node: NetworkNode, inputs: readonly string[]): string {
  // The table's type ties each key to the writer of that kind, which an index by a union cannot express.
  const writer = WRITERS[node.kind] as NodeWriter<LayerKind> | undefined;
  if (writer === undefined) throw new RefusedInputError(`ONNX has no operators for a ${node.kind} node`);
  return writer(context, node, inputs);
}

/** Four axes whatever the input: [N,C,H,W] of a convolution, [N,C,1,1] of a linear map, [1,C,1,1] of a bias alone. */
function writeGate({ graph, weight }: OnnxContext, node: NodeOf<'gate'>, inputs: readonly string[]): string {
  const [height, width] = node.shape;
  const asMap = (tensor: string): string =>
    graph.operator('Reshape', { inputs: [tensor, graph.integers([-1, node.channels, height, width])] });
  const input = inputs.map(asMap);
  const pixel = [-1, node.channels, 1, 1];
  const bias = (): string =>
    graph.operator('Reshape', { inputs: [weight(`${node.name}.bias`), graph.integers(pixel)] });
  const terms = node.initialBias === null ? input : [...input, bias()];
  const opening = terms.length > 1 ? [graph.operator('Add', { inputs: terms })] : terms;
  switch (node.squash) {
    case 'sigmoid':
      return graph.operator('Sigmoid', { inputs: opening });
    case 'hard-sigmoid':
      return graph.operator('HardSigmoid', {
        inputs: opening,
        attributes: { alpha: { f: 1 / 6 }, beta: { f: 0.5 } },
      });
  }
}

function writeZeroPadShortcut(
  { graph }: OnnxContext,
  node: NodeOf<'zero-pad-shortcut'>,
  inputs: readonly string[],
): string {
  const { stride, channelsBefore, channelsAfter } = node;
  const everything = Number.MAX_SAFE_INTEGER;
  const strided = (): string =>
    graph.operator('Slice', {
      inputs: [
        ...inputs,
        graph.integers([0, 0]),
        graph.integers([everything, everything]),
        graph.integers([2, 3]),
        graph.integers([stride, stride]),
      ],
    });
  const taken = stride === 1 ? inputs : [strided()];
  const pads = graph.integers([0, channelsBefore, 0, 0, 0, channelsAfter, 0, 0]);
  return graph.operator('Pad', { inputs: [...taken, pads] });
}
