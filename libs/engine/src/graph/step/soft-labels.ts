import {
  add,
  floatScalar,
  multiply,
  oneHot,
  rollByOne,
  subtract,
  type GraphBuilder,
  type Tensor,
} from '#tensorflow-graph';
import type { StepConfig } from '../../step-config.js';

/** Shares of the samples themselves: in each pixel [1,H,W,1] or [1,1,1,1], and in the label, a scalar. */
export interface MixingTensors {
  readonly mask: Tensor;
  readonly share: Tensor;
}

/** Each sample of x mixed with the one before it: its own part is `share` of it. */
function mixed(graph: GraphBuilder, x: Tensor, share: Tensor): Tensor {
  const others = subtract(graph, floatScalar(graph, 1), share);
  return add(graph, multiply(graph, x, share), multiply(graph, rollByOne(graph, x), others));
}

/** Normalised images, mixed. */
export function mixImages(graph: GraphBuilder, images: Tensor, { mask }: MixingTensors): Tensor {
  return mixed(graph, images, mask);
}

/** Shares of the classes [N, K] that the loss of training is taken against: mixed, then smoothed. */
export function softLabels(
  graph: GraphBuilder,
  labels: Tensor,
  numClasses: number,
  { labelSmoothing, mixup }: Pick<StepConfig, 'labelSmoothing'> & { readonly mixup: MixingTensors | null },
): Tensor {
  const hard = oneHot(graph, labels, numClasses);
  const shares = mixup ? mixed(graph, hard, mixup.share) : hard;
  if (labelSmoothing === 0) return shares;
  const kept = multiply(graph, shares, floatScalar(graph, 1 - labelSmoothing));
  return add(graph, kept, floatScalar(graph, labelSmoothing / numClasses));
}
