import { z } from 'zod';

/** What the process found that ran the signatures. */
export const operationsReportSchema = z.strictObject({
  tensorflow: z.string(),
  usesGpu: z.boolean(),
  numGraphs: z.int(),
  signatures: z.array(
    z.strictObject({
      graph: z.string(),
      signature: z.string(),
      /** In TensorFlow's words; null where it ran. */
      error: z.string().nullable(),
    }),
  ),
});
export type OperationsReport = z.infer<typeof operationsReportSchema>;
