import { pad, shapeOf, slice, takeEvery, takeEveryGradient } from '#tensorflow-graph';
import { onlyInput, type NodeEmitter } from './node-emitter.js';

/** He et al. 2015, section 3.3, option A. */
export const emitZeroPadShortcut: NodeEmitter<'zero-pad-shortcut'> = ({ graph }, node, inputs) => {
  const input = onlyInput(node, inputs);
  const x = input.tensor;
  const strides = [1, node.stride, node.stride, 1] as const;
  const channels: readonly [number, number] = [node.channelsBefore, node.channelsAfter];
  const taken = node.stride === 1 ? x : takeEvery(graph, x, strides);
  return {
    output: pad(graph, taken, [[0, 0], [0, 0], [0, 0], channels]),
    backward: (gradient) => {
      const kept = slice(graph, gradient, [0, 0, 0, node.channelsBefore], [-1, -1, -1, input.node.shape[2]]);
      return [node.stride === 1 ? kept : takeEveryGradient(graph, shapeOf(graph, x), kept, strides)];
    },
  };
};
