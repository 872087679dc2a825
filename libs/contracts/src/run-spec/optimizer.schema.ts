import { z } from 'zod';
import { scheduleSchema } from './schedule.schema.js';

/** Kinds of parameters that weight decay can apply to: kernels of convolutions and the head; gamma and beta of batch normalisation; the head's bias. */
export const DECAYED_KINDS = ['kernels', 'gamma', 'beta', 'bias'] as const;
export type DecayedKind = (typeof DECAYED_KINDS)[number];

/** Stochastic gradient descent with momentum, u = momentum*u + g; w -= learningRate*u, and what bends it. */
export const optimizerSchema = z.strictObject({
  learningRate: z.number().positive().default(0.1),
  momentum: z.number().min(0).lt(1).default(0.9),
  /** The step is g + momentum*u instead of u, u taken after the update (as in PyTorch). */
  nesterov: z.boolean().default(false),
  /** Added to the gradient: weightDecay*w, of the parameters that `decayed` names. */
  weightDecay: z.number().min(0).default(1e-4),
  /**
   * What weight decay applies to. Default: kernels only. Goyal et al. 2017 spare gamma and beta and say that the paper
   * did: kernels and bias. torchvision's first recipes decay all four.
   */
  decayed: z.array(z.enum(DECAYED_KINDS)).default(['kernels']),
  schedule: scheduleSchema.prefault({ kind: 'constant' }),
});
