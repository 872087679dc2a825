import {
  add,
  cast,
  convolution as convolve,
  convolutionInputGradient,
  convolutionKernelGradient,
  intVector,
  multiply,
  shapeOf,
  slice,
  sliceOfSize,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import type { NetworkNode } from '#resnet';
import { asTensor4D } from '../portable/rank.js';
import { takeInputs, type Layer } from './layer.js';
import { padWindow } from './padded-window.js';

export const convolution: Layer<'convolution'> = {
  emit(context, node, inputs) {
    const { graph } = context;
    const [input] = takeInputs(node, inputs, ['one input']);
    const kernelName = `${node.name}.weight`;
    const kernel = cast(graph, context.parameter(kernelName), input.tensor.dtype);
    const { x, window, unpad } = padWindow(graph, input.tensor, {
      size: node.kernelSize,
      stride: node.stride,
      padding: node.padding,
      sides: context.sides === 'any-size' ? null : { input: input.node.shape[0], output: node.shape[0] },
      channels: node.inChannels,
    });
    return {
      output: convolve(graph, x, kernel, window),
      backward: (gradient) => {
        if (node.isFrozen !== true) {
          const kernelShape = intVector(graph, [node.kernelSize, node.kernelSize, node.inChannels, node.outChannels]);
          const kernelGradient = convolutionKernelGradient(graph, readPart(x, gradient), kernelShape, gradient, window);
          context.setGradient(kernelName, cast(graph, kernelGradient, 'float32'));
        }
        if (!input.needsGradient) return [undefined];
        return [unpad(convolutionInputGradient(graph, shapeOf(graph, x), kernel, gradient, window))];
      },
    };

    function readPart(padded: Tensor, gradient: Tensor): Tensor {
      if (node.padding > 0 || node.inChannels > MOST_SPOILT) return padded;
      return context.sides === 'any-size'
        ? readPartOfAny(graph, padded, node, gradient)
        : readPartOf(graph, padded, node, input.node);
    }
  },

  forward(context, node, inputs) {
    const [x] = takeInputs(node, inputs, ['one input']);
    return context.convolve(asTensor4D(x), asTensor4D(context.tensors(`${node.name}.weight`)), {
      stride: node.stride,
      padding: node.padding,
      needsInputGradient: context.isNeeded[node.inputs[0] ?? 0] ?? true,
      needsKernelGradient: node.isFrozen !== true,
    });
  },
};

type Convolution = Extract<NetworkNode, { kind: 'convolution' }>;

/**
 * oneDNN's gradient of a kernel writes beyond its memory where x has fewer than 7 channels and rows that no window reads
 * (1x1 by 2 on an even side; TensorFlow 2.21): those rows are cut off. Networks of more channels are left as they are.
 */
const MOST_SPOILT = 8;

function readPartOf(
  graph: GraphBuilder,
  x: Tensor,
  { kernelSize, stride, inChannels, shape }: Convolution,
  source: NetworkNode,
): Tensor {
  const reach = (shape[0] - 1) * stride + kernelSize;
  return reach >= source.shape[0] ? x : slice(graph, x, [0, 0, 0, 0], [-1, reach, reach, inChannels]);
}

/** The same where only the gradient [N,H,W,K] tells how many windows there were: they reach (H - 1) stride + size. */
function readPartOfAny(
  graph: GraphBuilder,
  x: Tensor,
  { kernelSize, stride, inChannels }: Convolution,
  gradient: Tensor,
): Tensor {
  if (stride === 1) return x;
  const rest = kernelSize - stride;
  const scaled = multiply(graph, shapeOf(graph, gradient), intVector(graph, [1, stride, stride, 0]));
  return sliceOfSize(graph, x, [0, 0, 0, 0], add(graph, scaled, intVector(graph, [0, rest, rest, inChannels])));
}
