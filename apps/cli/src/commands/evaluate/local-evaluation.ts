import { datasetSchema, modelSchema, protocolSchema } from '#contracts';
import { z } from 'zod';

/** What the evaluating process is told. */
export const localEvaluationSchema = z.strictObject({
  models: z.array(z.strictObject({ model: modelSchema, path: z.string() })).min(1),
  dataset: datasetSchema,
  split: z.enum(['train', 'val']),
  protocol: protocolSchema,
  batchSize: z.int().min(1),
  engine: z.enum(['graph', 'portable']),
  /** Sessions at once: one on a GPU, one per core on a CPU. */
  numEngines: z.int().min(1),
  showsProgress: z.boolean(),
});
export type LocalEvaluation = z.infer<typeof localEvaluationSchema>;
