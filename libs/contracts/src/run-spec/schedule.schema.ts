import { z } from 'zod';

/** How every schedule begins. */
const warmupFields = {
  /** Epochs of linear warm-up, counted per step (Goyal et al. 2017, section 2.2). Not together with `warmupUntil`. */
  warmupEpochs: z.number().min(0).default(0),
  /**
   * Share of the rate that the first warm-up step takes; step i of n takes start + (1 - start) i/n of it. Default: none,
   * step i takes (i + 1)/n.
   */
  warmupStart: z.number().min(0).max(1).optional(),
  /**
   * A constant, smaller rate until the training error has fallen; then the schedule's, whose epochs count from the start
   * of the run. He et al. 2015, section 4.2, for 110 layers: 0.01 until the error is below 80 %.
   */
  warmupUntil: z
    .strictObject({
      learningRate: z.number().positive().default(0.01),
      trainingError: z.number().positive().max(1).default(0.8),
      /** The error is taken over blocks of so many steps. The paper says nothing of this. */
      overSteps: z.int().min(1).default(50),
    })
    .optional(),
};

/** Rate at the end of the last epoch, as a share of the rate. */
const end = z.number().min(0).max(1).default(0);

/** How the learning rate changes. Epochs may be fractions. */
export const scheduleSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('constant'), ...warmupFields }),
    z.strictObject({
      kind: z.literal('steps'),
      /** Epochs after which the rate is multiplied by gamma. */
      milestones: z.array(z.number().positive()),
      gamma: z.number().positive().max(1).default(0.1),
      ...warmupFields,
    }),
    z.strictObject({
      kind: z.literal('plateau'),
      /** What must fall, judged after every epoch. */
      metric: z
        .enum(['validation-error', 'validation-loss', 'training-error', 'training-loss'])
        .default('validation-error'),
      gamma: z.number().positive().lt(1).default(0.1),
      /** Epochs without a new best that are borne; the rate falls after the next one. */
      patience: z.int().min(0).default(5),
      /** A best counts as new where it is smaller than the old one by more than this share of it. */
      threshold: z.number().min(0).lt(1).default(1e-3),
      /** Epochs after a fall that are not judged. */
      cooldown: z.int().min(0).default(0),
      /** The rate falls no further than this share of it. */
      smallest: z.number().min(0).max(1).default(0),
      ...warmupFields,
    }),
    z.strictObject({ kind: z.literal('cosine'), ...warmupFields }),
    z.strictObject({ kind: z.literal('linear'), end, ...warmupFields }),
    z.strictObject({
      kind: z.literal('polynomial'),
      /** The rate is end + (1 - end) (1 - t)^power of it, t the share of the steps after the warm-up that are done. */
      power: z.number().positive().default(2),
      end,
      ...warmupFields,
    }),
  ])
  .superRefine(({ warmupEpochs, warmupStart, warmupUntil }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (warmupUntil !== undefined && warmupEpochs > 0) {
      refuse('warmupUntil', 'a warm-up ends after epochs (warmupEpochs) or by the error, not both');
    }
    if (warmupStart !== undefined && warmupEpochs === 0) {
      refuse('warmupStart', 'means nothing without warmupEpochs');
    }
  });

/**
 * What a schedule remembers of committed rounds. A pure function of the run's spec and those rounds, it is part of a
 * replica's state: it travels to newcomers and into checkpoints.
 */
export const scheduleStateSchema = z.strictObject({
  /** Rounds below this one are taken in. */
  round: z.int().min(0),
  warmup: z.strictObject({
    isOver: z.boolean(),
    /** Of the block of steps under way. */
    steps: z.int().min(0),
    correct: z.number(),
    samples: z.number(),
  }),
  plateau: z.strictObject({
    best: z.number().nullable(),
    numBadEpochs: z.int().min(0),
    numCooling: z.int().min(0),
    numFalls: z.int().min(0),
    /** Of the epoch under way: sums over its training steps. */
    loss: z.number(),
    correct: z.number(),
    samples: z.number(),
  }),
});
export type ScheduleState = z.infer<typeof scheduleStateSchema>;
