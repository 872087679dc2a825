import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isMissing, writeFileAtomically } from '#files';
import { surveyContentSchema } from '../survey-figures.js';

/** Another number: older records are not read, and the data set is looked at anew. */
const VERSION = 2;

const count = z.number().int().nonnegative();
const surveyRecordSchema = z.strictObject({
  version: z.literal(VERSION),
  /** Where the data set lies, for people. */
  location: z.string(),
  surveyedAt: z.number(),
  digest: z.string(),
  content: surveyContentSchema,
  numTrainSamples: count,
  numValidationSamples: count,
  broken: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  /** What the survey depends on, and the stamp of each. */
  dependsOn: z.array(z.string()),
  stamps: z.array(z.string().nullable()),
});

/** What is kept of a survey beside the index. */
export type SurveyRecord = z.infer<typeof surveyRecordSchema>;

/** Null where there is none, none that is whole, or one of another version. */
export async function readSurveyRecord(path: string): Promise<SurveyRecord | null> {
  try {
    const parsed = surveyRecordSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

export async function writeSurveyRecord(path: string, record: Omit<SurveyRecord, 'version'>): Promise<void> {
  await writeFileAtomically(path, JSON.stringify({ version: VERSION, ...record }), { isDurable: false });
}
