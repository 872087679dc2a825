import { z } from 'zod';
import { MOMENT_SLOTS, momentFields, momentScalars, momentStep } from './adamw.js';
import { commonFields, PARAMETER_KINDS } from './common-fields.js';
import { optimizer } from './update-rule.js';

const schema = z.strictObject({
  kind: z.literal('lamb'),
  ...commonFields({ learningRate: 1e-3, weightDecay: 1e-2 }),
  ...momentFields,
  /** Added to the root of the second moment. Default: the authors'. */
  epsilon: z.number().positive().default(1e-6),
  /**
   * Whose steps are scaled by the trust ratio. Default: kernels only, as the authors leave out normalisation and biases;
   * the others take the step as it is.
   */
  adapted: z.array(z.enum(PARAMETER_KINDS)).default(['kernels']),
});

/**
 * Layer-wise adaptive moments (You et al. 2019, algorithm 2): r = direction + decay*w; w -= learningRate * ratio * r, where
 * the trust ratio of a tensor is |w| / |r|, and 1 where either is 0 or the tensor is not adapted.
 */
export const lamb = optimizer(schema, MOMENT_SLOTS, ({ weightDecay, adapted, ...settings }) => ({
  scalars: (numbers) => ({
    learningRate: numbers.learningRate,
    weightDecay,
    ...momentScalars(settings, numbers),
  }),
  update(of, inputs) {
    const { weights, decay, scalars } = inputs;
    const { direction, slots } = momentStep(of, inputs);
    const step = of.add(direction, of.multiply(decay, weights));
    const [size, stepSize] = [of.norms(weights), of.norms(step)];
    const trusted = of.ifPositive(size, of.ifPositive(stepSize, of.divide(size, stepSize), 1), 1);
    const ratio = of.spread(of.ifPositive(of.tensorsOf(adapted), trusted, 1));
    return { weights: of.subtract(weights, of.multiply(of.multiply(scalars.learningRate, ratio), step)), slots };
  },
}));
