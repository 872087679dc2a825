import { z } from 'zod';

/** How a run goes on from the weights of another. */
export const fineTuneSchema = z.strictObject({
  /**
   * Whether the head starts anew instead of from the file. Default: where the file has another number of classes. false:
   * such a file is refused.
   */
  newHead: z.boolean().optional(),
  /**
   * Parts that keep their weights: `stem`, `layer1`, `layer2`, ... (stages), `fc`. Their batch normalisations use their
   * running statistics in training too; they cost no backward pass, no traffic and no update. Default: none.
   */
  frozen: z.array(z.string().min(1).max(40)).max(20).default([]),
});
export type FineTune = z.infer<typeof fineTuneSchema>;

/** The weights a run starts from, as its workers find them: a copy beside its checkpoints. */
export const initialWeightsSchema = z.strictObject({
  path: z.string(),
  /** A worker that reads something else refuses the run. */
  sha256: z.string(),
  newHead: z.boolean(),
});
export type InitialWeights = z.infer<typeof initialWeightsSchema>;
