import { z } from 'zod';
import { commonFields } from './common-fields.js';
import { optimizer, type StepNumbers, type UpdateInputs, type UpdateOperations } from './update-rule.js';

/** The fields of Adam's moments. Defaults are PyTorch's. */
export const momentFields = {
  /** Share of the old first moment, the average of gradients. */
  beta1: z.number().min(0).lt(1).default(0.9),
  /** Share of the old second moment, the average of their squares. */
  beta2: z.number().min(0).lt(1).default(0.999),
};

export const MOMENT_SLOTS = ['firstMoment', 'secondMoment'] as const;
type MomentSlot = (typeof MOMENT_SLOTS)[number];

interface MomentSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The numbers of a step that `momentStep` takes. Both moments begin at 0; the corrections undo what that makes too small. */
export function momentScalars({ beta1, beta2, epsilon }: MomentSettings, { step }: StepNumbers) {
  return {
    beta1,
    beta2,
    freshShare1: 1 - beta1,
    freshShare2: 1 - beta2,
    correction1: 1 - beta1 ** step,
    rootOfCorrection2: Math.sqrt(1 - beta2 ** step),
    epsilon,
  };
}
type MomentScalar = keyof ReturnType<typeof momentScalars>;

/** Moves the moments and gives Adam's direction, m / (sqrt(v) + epsilon) of the corrected moments (Kingma and Ba 2015). */
export function momentStep<Value>(
  of: UpdateOperations<Value>,
  { gradient, slots, scalars }: UpdateInputs<Value, MomentSlot, MomentScalar>,
): { readonly direction: Value; readonly slots: Readonly<Record<MomentSlot, Value>> } {
  const { beta1, beta2, freshShare1, freshShare2, correction1, rootOfCorrection2, epsilon } = scalars;
  const firstMoment = of.stored(of.add(of.multiply(beta1, slots.firstMoment), of.multiply(freshShare1, gradient)));
  const square = of.multiply(gradient, gradient);
  const secondMoment = of.stored(of.add(of.multiply(beta2, slots.secondMoment), of.multiply(freshShare2, square)));
  const root = of.divide(of.squareRoot(secondMoment), rootOfCorrection2);
  const direction = of.divide(of.divide(firstMoment, correction1), of.add(root, epsilon));
  return { direction, slots: { firstMoment, secondMoment } };
}

const schema = z.strictObject({
  kind: z.literal('adamw'),
  ...commonFields({ learningRate: 1e-3, weightDecay: 1e-2 }),
  ...momentFields,
  /** Added to the root of the second moment. */
  epsilon: z.number().positive().default(1e-8),
});

/**
 * Adam with decoupled weight decay: w -= learningRate*decay*w, then w -= learningRate*direction (Loshchilov and Hutter
 * 2019, algorithm 2, as in PyTorch).
 */
export const adamw = optimizer(schema, MOMENT_SLOTS, ({ weightDecay, ...settings }) => ({
  scalars: (numbers) => ({
    learningRate: numbers.learningRate,
    weightDecay,
    ...momentScalars(settings, numbers),
  }),
  update(of, inputs) {
    const { weights, decay, scalars } = inputs;
    const { direction, slots } = momentStep(of, inputs);
    const shrunk = of.subtract(weights, of.multiply(of.multiply(scalars.learningRate, decay), weights));
    return { weights: of.subtract(shrunk, of.multiply(scalars.learningRate, direction)), slots };
  },
}));
