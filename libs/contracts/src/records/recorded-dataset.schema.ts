import { z } from 'zod';
import { plannedDatasetSchema } from '../messages/plan.schema.js';

/** What a run's record keeps of its data set. */
export const recordedDatasetSchema = plannedDatasetSchema.extend({
  /** What a person calls each class, where the data set says so (ImageNet's synsets); nothing is trained on it. */
  classNames: z.array(z.string()).optional(),
});
export type RecordedDataset = z.infer<typeof recordedDatasetSchema>;

/** What to call the classes, in their order: their readable names, else their own. */
export function classNamesOf({
  classes,
  classNames,
}: Pick<RecordedDataset, 'classes' | 'classNames'>): readonly string[] {
  return classNames ?? classes;
}
