import { biasAdd, biasAddGradient, cast, hardSigmoid, reshape, sigmoid, type Tensor } from '#tensorflow-graph';
import type { Layer } from './layer.js';

const SQUASHES = { sigmoid, 'hard-sigmoid': hardSigmoid } as const;

/** [N,H,W,C] of a convolution; [N,1,1,C] of a linear map; [1,1,1,C] of a bias alone. */
export const gate: Layer<'gate'> = {
  emit(context, node, inputs) {
    const { graph } = context;
    const { channels } = node;
    const [input] = inputs;
    const biasName = `${node.name}.bias`;
    const bias = node.initialBias === null ? undefined : context.parameter(biasName);
    const isFlat = input?.node.kind === 'linear';
    const { output, backward } = SQUASHES[node.squash](graph, opening());

    return {
      output: input === undefined || isFlat ? reshape(graph, output, [-1, 1, 1, channels]) : output,
      backward: (gradient) => {
        // The gradient of a bias alone comes image by image.
        if (input === undefined) {
          context.setGradient(biasName, backward(biasAddGradient(graph, gradient)));
          return [];
        }
        const back = backward(isFlat ? reshape(graph, gradient, [-1, channels]) : gradient);
        if (bias !== undefined && node.isFrozen !== true)
          context.setGradient(biasName, cast(graph, biasAddGradient(graph, back), 'float32'));
        return [back];
      },
    };

    function opening(): Tensor {
      if (input !== undefined)
        return bias === undefined ? input.tensor : biasAdd(graph, input.tensor, cast(graph, bias, input.tensor.dtype));
      if (bias === undefined) throw new Error(`the gate ${node.name} has neither an input nor a bias`);
      return bias;
    }
  },

  forward({ tf, tensors }, node, inputs) {
    const { channels, initialBias, name, squash } = node;
    const addends = [...inputs, ...(initialBias === null ? [] : [tensors(`${name}.bias`)])];
    const [first, second] = addends;
    if (first === undefined) throw new Error(`the gate ${name} has neither an input nor a bias`);
    const opening = second === undefined ? first : tf.add(first, second);
    const opened = squash === 'sigmoid' ? tf.sigmoid(opening) : tf.clipByValue(tf.add(tf.div(opening, 6), 0.5), 0, 1);
    return opened.rank === 4 ? opened : tf.reshape(opened, [-1, 1, 1, channels]);
  },
};
