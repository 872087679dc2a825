import { z } from 'zod';
import { STOP_CAUSES } from './stop-causes.js';

/** Figures of the evaluation after an epoch that a run may be judged by. */
export const VALIDATION_FIGURES = ['accuracy', 'top5Accuracy', 'loss'] as const;
export type ValidationFigure = (typeof VALIDATION_FIGURES)[number];

export const validationFigureSchema = z.enum(VALIDATION_FIGURES);
const share = z.number().positive().max(1);

/** What ends a run before its last epoch; whichever comes first. All but `hours` and `notFinite` is judged by evaluations. */
export const stopWhenSchema = z
  .strictObject({
    /** Validation accuracy that is enough. */
    accuracy: share.optional(),
    /** Validation top-5 accuracy that is enough. */
    top5Accuracy: share.optional(),
    /** Validation loss that is low enough. */
    loss: z.number().positive().optional(),
    /** `epochs` evaluations in a row without a figure better than the best before them. */
    noImprovement: z
      .strictObject({
        epochs: z.int().min(1).max(10_000),
        figure: validationFigureSchema.default('accuracy'),
        /** A figure counts as better where it is better by more than this. */
        minDelta: z.number().min(0).default(0),
      })
      .optional(),
    /** Hours of training: what the run's own committed steps have taken. Waiting and pauses do not count. */
    hours: z.number().positive().optional(),
    /** A run whose loss or gradient is not finite ends with its newest checkpoint; without this it fails. */
    notFinite: z
      .literal(true)
      .describe('ends with the newest checkpoint; a run that has none yet (checkpoint.everySteps) fails all the same')
      .optional(),
  })
  .refine((rules) => Object.values(rules).some((rule) => rule !== undefined), {
    message: 'names nothing that would stop the run: accuracy, top5Accuracy, loss, noImprovement, hours or notFinite',
  });
export type StopWhen = z.infer<typeof stopWhenSchema>;

/** Where and why a run ended before its last epoch. */
export const stoppedSchema = z.strictObject({
  /** The step whose weights it ends with. */
  step: z.int().min(0),
  /** Whole epochs done. */
  epoch: z.int().min(0),
  cause: z.enum(STOP_CAUSES),
  /** The cause with its figures, for people. */
  reason: z.string(),
});
export type Stopped = z.infer<typeof stoppedSchema>;

/** The best evaluation of a run so far; of several with the same figure the earliest. */
export const bestEvaluationSchema = z.strictObject({
  /** The step whose weights were evaluated. */
  step: z.int().min(0),
  figure: validationFigureSchema,
  value: z.number(),
});
export type BestEvaluation = z.infer<typeof bestEvaluationSchema>;

/**
 * What the evaluations so far have shown. A pure function of the run's spec and the rounds committed, it is part of a
 * replica's state: it travels to newcomers and into checkpoints.
 */
export const validationStateSchema = z.strictObject({
  /** Rounds below this one are taken in. Of a run that has stopped: all its rounds. */
  round: z.int().min(0),
  best: bestEvaluationSchema.nullable(),
  /** By the figure and the difference of `noImprovement`. */
  improvement: z.strictObject({ best: z.number().nullable(), numEpochsWithout: z.int().min(0) }),
  stopped: stoppedSchema.nullable(),
});
export type ValidationState = z.infer<typeof validationStateSchema>;

export const INITIAL_VALIDATION_STATE: ValidationState = {
  round: 0,
  best: null,
  improvement: { best: null, numEpochsWithout: 0 },
  stopped: null,
};
