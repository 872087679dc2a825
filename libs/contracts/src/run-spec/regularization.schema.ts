import { z } from 'zod';

/** What keeps a network from learning its samples by heart. Nothing of it is on by default, as in the paper. */
export const regularizationSchema = z.strictObject({
  /** Share of a sample's label that is spread over all classes. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /**
   * Each sample of a lane's batch is mixed with the one before it, share and 1 - share, share from Beta(alpha, alpha)
   * once a step and lane (Zhang et al. 2018). With `cutmix` too, a coin decides which it is.
   */
  mixup: z.strictObject({ alpha: z.number().positive().max(100).default(0.2) }).optional(),
  /** A box of each sample is cut out of the one before it (Yun et al. 2019). */
  cutmix: z.strictObject({ alpha: z.number().positive().max(100).default(1) }).optional(),
  /** A box of the image becomes ImageNet's mean colour (Zhong et al. 2020; areas and ratios are torchvision's). */
  randomErasing: z.strictObject({ probability: z.number().positive().max(1).default(0.1) }).optional(),
  /** Colour shifts along the principal components of ImageNet's pixels (Krizhevsky et al. 2012; the paper, 3.4). */
  pcaColour: z.strictObject({ deviation: z.number().positive().max(1).default(0.1) }).optional(),
  /**
   * A running average of weights and statistics that evaluations use: average = decay*average + (1 - decay)*weights,
   * every so many steps. The n-th time decay is at most (1 + n)/(10 + n), so that the first weights are soon forgotten.
   */
  ema: z
    .strictObject({
      decay: z.number().positive().lt(1).default(0.9999),
      everySteps: z.int().min(1).default(1),
    })
    .optional(),
});
