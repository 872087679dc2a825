import {
  convolution,
  convolutionInputGradient,
  convolutionKernelGradient,
  intVector,
  shapeOf,
} from '#tensorflow-graph';
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
      context.setGradient(kernelName, convolutionKernelGradient(graph, x, kernelShape, gradient, window));
      if (input.node.kind === 'input') return [undefined];
      return [unpad(convolutionInputGradient(graph, shapeOf(graph, x), kernel, gradient, window))];
    },
  };
};
