import { z } from 'zod';
import { scheduleSchema } from '../run-spec/schedule.schema.js';

/** Kinds of parameters: kernels of convolutions and the head; gamma and beta of batch normalisation; biases of head and gates. */
export const PARAMETER_KINDS = ['kernels', 'gamma', 'beta', 'bias'] as const;
export type ParameterKind = (typeof PARAMETER_KINDS)[number];

/** The fields that every optimiser has; its own numbers come where a field is left out. */
export function commonFields(defaults: { readonly learningRate: number; readonly weightDecay: number }) {
  return {
    learningRate: z.number().positive().default(defaults.learningRate),
    /** Of the parameters that `decayed` names. */
    weightDecay: z.number().min(0).default(defaults.weightDecay),
    /**
     * What weight decay applies to. Default: kernels only. Goyal et al. 2017 spare gamma and beta and say that the paper
     * did: kernels and bias. torchvision's first recipes decay all four.
     */
    decayed: z.array(z.enum(PARAMETER_KINDS)).default(['kernels']),
    /**
     * The largest norm of the gradient of all trained parameters together; a larger one is scaled down to it before
     * anything else (Pascanu et al. 2013, as PyTorch's clip_grad_norm_). Default: no limit.
     */
    clipNorm: z.number().positive().optional(),
    schedule: scheduleSchema.prefault({ kind: 'constant' }),
  };
}
