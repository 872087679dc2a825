import {
  convolution,
  convolutionInputGradient,
  convolutionKernelGradient,
  intVector,
  shapeOf,
  slice,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import type { NetworkNode } from '../../network.js';
import { onlyInput, type NodeEmitter } from './node-emitter.js';
import { padWindow } from './padded-window.js';

export const emitConvolution: NodeEmitter<'convolution'> = (context, node, inputs) => {
  const { graph } = context;
  const input = onlyInput(node, inputs);
  const kernelName = `${node.name}.weight`;
  const kernel = context.parameter(kernelName);
  const { x, window, unpad } = padWindow(graph, input.tensor, {
    size: node.kernelSize,
    stride: node.stride,
    padding: node.padding,
    sides: context.sides === 'any-size' ? null : { input: input.node.shape[0], output: node.shape[0] },
    channels: node.inChannels,
  });
  return {
    output: convolution(graph, x, kernel, window),
    backward: (gradient) => {
      const kernelShape = intVector(graph, [node.kernelSize, node.kernelSize, node.inChannels, node.outChannels]);
      context.setGradient(
        kernelName,
        convolutionKernelGradient(graph, readPart(graph, x, node, input.node), kernelShape, gradient, window),
      );
      if (input.node.kind === 'input') return [undefined];
      return [unpad(convolutionInputGradient(graph, shapeOf(graph, x), kernel, gradient, window))];
    },
  };
};

/**
 * oneDNN's gradient of a kernel writes beyond its memory where x has fewer than 7 channels and rows that no window reads
 * (1x1 by 2 on an even side; TensorFlow 2.21): those rows are cut off. Other networks are left as they are.
 */
function readPart(
  graph: GraphBuilder,
  x: Tensor,
  { kernelSize, stride, padding, inChannels, shape }: Extract<NetworkNode, { kind: 'convolution' }>,
  source: NetworkNode,
): Tensor {
  const reach = (shape[0] - 1) * stride + kernelSize;
  if (padding > 0 || inChannels > 8 || reach >= source.shape[0]) return x;
  return slice(graph, x, [0, 0, 0, 0], [-1, reach, reach, inChannels]);
}
