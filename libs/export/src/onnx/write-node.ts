import type { NetworkNode } from '#resnet';
import type { OnnxAttribute, OnnxGraph } from './onnx-graph.js';

/** What nodes are written into. */
export interface OnnxContext {
  readonly graph: OnnxGraph;
  /** A weight or running statistic by its state-dict name, in PyTorch's layout, as a tensor of the graph. */
  readonly weight: (name: string) => string;
}

type ComputingNode = Exclude<NetworkNode, { kind: 'input' }>;

const all = (sides: number, value: number): OnnxAttribute => ({ ints: Array.from({ length: sides }, () => value) });

const window = (size: number, stride: number, padding: number): Record<string, OnnxAttribute> => ({
  kernel_shape: all(2, size),
  strides: all(2, stride),
  pads: all(4, padding),
});

/** Writes one node of the network as ONNX operators over NCHW tensors; returns the name of its output. */
export function writeNode(context: OnnxContext, node: ComputingNode, inputs: readonly string[]): string {
  const { graph, weight } = context;
  switch (node.kind) {
    case 'convolution':
      return graph.operator('Conv', {
        inputs: [...inputs, weight(`${node.name}.weight`)],
        attributes: window(node.kernelSize, node.stride, node.padding),
        name: node.name,
      });
    case 'batch-normalization': {
      const parts = ['weight', 'bias', 'running_mean', 'running_var'];
      return graph.operator('BatchNormalization', {
        inputs: [...inputs, ...parts.map((part) => weight(`${node.name}.${part}`))],
        attributes: { epsilon: { f: node.epsilon } },
        name: node.name,
      });
    }
    case 'relu':
      return graph.operator('Relu', { inputs });
    case 'max-pool':
      return graph.operator('MaxPool', { inputs, attributes: window(node.size, node.stride, node.padding) });
    case 'zero-pad-shortcut':
      return writeZeroPadShortcut(graph, node, inputs);
    case 'add':
      return graph.operator('Add', { inputs });
    case 'global-average-pool': {
      const pooled = graph.operator('GlobalAveragePool', { inputs });
      return graph.operator('Flatten', { inputs: [pooled], attributes: { axis: { i: 1 } } });
    }
    case 'dense':
      return graph.operator('Gemm', {
        inputs: [...inputs, weight(`${node.name}.weight`), weight(`${node.name}.bias`)],
        attributes: { transB: { i: 1 } },
        name: node.name,
      });
    case 'linear':
      return graph.operator('Gemm', {
        inputs: [...inputs, weight(`${node.name}.weight`)],
        attributes: { transB: { i: 1 } },
        name: node.name,
      });
    case 'gate':
      return writeGate(context, node, inputs);
    case 'mix': {
      const [branch = '', shortcut = '', gate = ''] = inputs;
      const difference = graph.operator('Sub', { inputs: [branch, shortcut] });
      return graph.operator('Add', { inputs: [shortcut, graph.operator('Mul', { inputs: [gate, difference] })] });
    }
    default:
      return node satisfies never;
  }
}

/** Four axes whatever the input: [N,C,H,W] of a convolution, [N,C,1,1] of a linear map, [1,C,1,1] of a bias alone. */
function writeGate(
  { graph, weight }: OnnxContext,
  node: Extract<NetworkNode, { kind: 'gate' }>,
  inputs: readonly string[],
): string {
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
  graph: OnnxGraph,
  node: Extract<NetworkNode, { kind: 'zero-pad-shortcut' }>,
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
