import { randomStream, type RandomStream, type RunSpec } from '#contracts';
import type { Mixup } from '../../batch.js';
import { betaSample } from './beta-sample.js';

/** Keeps this stream apart from the others that are keyed by (seed, epoch, ...) ("MIX"). */
const MIXUP_KEY = 0x4d4958;

export interface LaneStep {
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly lane: number;
  /** Side of the batch's images in pixels. */
  readonly imageSize: number;
}

/**
 * How a lane's batch is mixed in a step, or null where the run mixes nothing: a pure function of (seed, epoch, step,
 * lane). Shares and boxes are drawn as torchvision draws them.
 */
export function mixupOfLane(
  { seed, regularization }: Pick<RunSpec, 'seed' | 'regularization'>,
  at: LaneStep,
): Mixup | null {
  const { mixup, cutmix } = regularization;
  if (!mixup && !cutmix) return null;
  const random = randomStream(MIXUP_KEY, seed, at.epoch, at.stepInEpoch, at.lane);
  const isCut = random.nextFloat() < 0.5;
  if (cutmix && (isCut || !mixup)) return cut(cutmix.alpha, at.imageSize, random);
  const share = Math.fround(betaSample(mixup?.alpha ?? 1, random));
  return { mask: Float32Array.of(share), side: 1, share };
}

function cut(alpha: number, side: number, random: RandomStream): Mixup {
  const drawn = betaSample(alpha, random);
  const half = Math.floor(0.5 * Math.sqrt(1 - drawn) * side);
  const span = (): readonly [number, number] => {
    const centre = random.nextInt(side);
    return [Math.max(0, centre - half), Math.min(side, centre + half)];
  };
  const [left, right] = span();
  const [top, bottom] = span();
  const mask = new Float32Array(side * side).fill(1);
  for (let row = top; row < bottom; row += 1) mask.fill(0, row * side + left, row * side + right);
  // What was drawn is not what is left: the box may reach over the edge.
  return { mask, side, share: Math.fround(1 - ((right - left) * (bottom - top)) / (side * side)) };
}
