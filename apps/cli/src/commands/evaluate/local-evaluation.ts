import { datasetSchema, evaluationResultSchema, modelSchema, protocolSchema } from '#contracts';
import { z } from 'zod';

/** What the evaluating process is told. */
export const localEvaluationSchema = z.strictObject({
  members: z.array(z.strictObject({ model: modelSchema, path: z.string() })).min(1),
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

/** What it answers, as its last line. */
export const localAnswerSchema = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), result: evaluationResultSchema }),
  z.strictObject({
    ok: z.literal(false),
    message: z.string(),
    isRefused: z.boolean(),
    faults: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  }),
]);
export type LocalAnswer = z.infer<typeof localAnswerSchema>;
