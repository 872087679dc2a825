import { z } from 'zod';
import { problemSchema } from './run-view.schema.js';

/** What was submitted and takes long to be looked at: it becomes a run, an evaluation or a study, or is refused. */
export const submissionSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['run', 'evaluation', 'study']),
    /** Of the run or study; of an evaluation: the run it is of. */
    name: z.string(),
    state: z.enum(['preparing', 'accepted', 'refused']),
    /** What is done now, in words: `looking at the data set: 412,000 images`. */
    message: z.string(),
    submittedAt: z.number(),
    /** Of what was made: `/v1/runs/ID`. Null unless accepted. */
    location: z.string().nullable(),
    /** Why it was refused, with every fault. Null unless refused. */
    problem: problemSchema.nullable(),
  })
  .meta({ id: 'Submission' });
export type Submission = z.infer<typeof submissionSchema>;

/** Those under way, and those that were over lately; the newest first. */
export const submissionListSchema = z
  .strictObject({ submissions: z.array(submissionSchema) })
  .meta({ id: 'SubmissionList' });
export type SubmissionList = z.infer<typeof submissionListSchema>;
