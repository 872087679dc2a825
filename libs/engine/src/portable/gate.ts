import * as tf from '@tensorflow/tfjs';
import type { NetworkNode } from '#resnet';

type GateNode = Extract<NetworkNode, { kind: 'gate' }>;

/** [N,H,W,C] of a convolution's output, [N,1,1,C] of a linear map's, [1,1,1,C] of a bias alone. */
export function openGate(
  node: GateNode,
  input: tf.Tensor | undefined,
  tensors: (name: string) => tf.Tensor,
): tf.Tensor {
  const { channels, initialBias, name, squash } = node;
  const addends = [input, initialBias === null ? undefined : tensors(`${name}.bias`)].filter((x) => x !== undefined);
  const [first, second] = addends;
  if (first === undefined) throw new Error(`the gate ${name} has neither an input nor a bias`);
  const sum = second === undefined ? first : tf.add(first, second);
  const opened = squash === 'sigmoid' ? tf.sigmoid(sum) : tf.clipByValue(tf.add(tf.div(sum, 6), 0.5), 0, 1);
  return opened.rank === 4 ? opened : tf.reshape(opened, [-1, 1, 1, channels]);
}
