import { z } from 'zod';
import { commonFields } from './common-fields.js';
import { optimizer } from './update-rule.js';

const schema = z.strictObject({
  kind: z.literal('sgd').optional().default('sgd'),
  ...commonFields({ learningRate: 0.1, weightDecay: 1e-4 }),
  momentum: z.number().min(0).lt(1).default(0.9),
  /** The step is g + momentum*u instead of u, u taken after the update. */
  nesterov: z.boolean().default(false),
});

/** Stochastic gradient descent with momentum: u = momentum*u + (g + decay*w); w -= learningRate*u, as in PyTorch. */
export const sgd = optimizer(schema, ['momentum'], ({ momentum, weightDecay, nesterov }) => ({
  scalars: ({ learningRate }) => ({ learningRate, momentum, weightDecay }),
  update(of, { weights, gradient, decay, slots, scalars }) {
    const decayed = of.add(gradient, of.multiply(decay, weights));
    const velocity = of.stored(of.add(of.multiply(scalars.momentum, slots.momentum), decayed));
    const step = nesterov ? of.add(decayed, of.multiply(scalars.momentum, velocity)) : velocity;
    return { weights: of.subtract(weights, of.multiply(scalars.learningRate, step)), slots: { momentum: velocity } };
  },
}));
