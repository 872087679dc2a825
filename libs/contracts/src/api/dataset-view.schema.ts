import { z } from 'zod';
import { datasetNameSchema } from '../run-spec/dataset-reference.js';
import { DATASET_KINDS, datasetSchema } from '../run-spec/dataset.schema.js';
import { unreadableRecordSchema } from '../records/unreadable-record.schema.js';
import { RUN_STATES } from './run-states.js';
import { problemSchema } from './run-view.schema.js';

const count = z.int().min(0);

/** What a survey of a data set comes to. `waiting`: other data sets are looked at first. */
export const SURVEY_STATES = ['waiting', 'running', 'ready', 'refused', 'cancelled', 'failed'] as const;
export type SurveyState = (typeof SURVEY_STATES)[number];

/** The newest look at a named data set. */
export const datasetSurveySchema = z.strictObject({
  state: z.enum(SURVEY_STATES),
  /** What is done now, or how it ended, in words. */
  message: z.string(),
  /** Images looked at so far; those that were noted before count. */
  numSamples: count,
  /** How many the newest version has, which is what is to be expected; null before there is one. */
  numExpected: count.nullable(),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  /** Why the data set is not fit, with every fault, or why it could not be looked at. Null unless refused or failed. */
  problem: problemSchema.nullable(),
});
export type DatasetSurveyView = z.infer<typeof datasetSurveySchema>;

/** A state of a named data set: other samples make another version. */
export const datasetVersionSchema = z.strictObject({
  /** Counted from 1; a run names one as `NAME@VERSION`. */
  version: z.int().min(1),
  digest: z.string(),
  /** Where it lay when it was last found so, and its format. */
  dataset: datasetSchema,
  /** When it was first found so. */
  surveyedAt: z.number(),
  numTrainSamples: count,
  numValidationSamples: count,
  numClasses: count,
  /** Unreadable files that are left out (`unreadable: "skip"`). */
  numSkipped: count,
});
export type DatasetVersion = z.infer<typeof datasetVersionSchema>;

/** A named data set as lists show it. */
export const datasetSummarySchema = z
  .strictObject({
    name: datasetNameSchema,
    kind: z.enum(DATASET_KINDS),
    /** A folder, `https://…` or `s3://…`. */
    path: z.string(),
    createdAt: z.number(),
    survey: datasetSurveySchema,
    /** Null before the first survey has ended well. */
    newest: datasetVersionSchema.omit({ dataset: true }).nullable(),
    numVersions: count,
    /** Runs that name it, those that are over as well. */
    numRuns: count,
  })
  .meta({ id: 'DatasetSummary' });
export type DatasetSummary = z.infer<typeof datasetSummarySchema>;

export const datasetListSchema = z
  .strictObject({
    /** By name. */
    datasets: z.array(datasetSummarySchema),
    /** Those whose record cannot be read. */
    unreadable: z.array(unreadableRecordSchema),
  })
  .meta({ id: 'DatasetList' });
export type DatasetList = z.infer<typeof datasetListSchema>;

const spreadSchema = z.strictObject({ min: z.number(), median: z.number(), max: z.number() });

/** What the survey of the newest version found. */
export const datasetContentSchema = z.strictObject({
  classes: z.array(
    z.strictObject({
      name: z.string(),
      /** As people call it; the name itself where the data set does not say. */
      readableName: z.string(),
      numTrain: count,
      numValidation: count,
    }),
  ),
  /** Sound images by format: `jpeg`, `png`, `jpeg gray`. */
  formats: z.record(z.string(), count),
  /** Pixels; null where nothing is known of them. */
  width: spreadSchema.nullable(),
  height: spreadSchema.nullable(),
  /** Of an encoded image. */
  sizeBytes: spreadSchema.nullable(),
  /** Images that say by EXIF that they are to be shown turned. */
  numTurned: count,
  /** Images with a colour profile; none is applied. */
  numWithProfile: count,
  /** Files among the images that are not looked at, by extension and kind, the most frequent first. */
  others: z.array(z.strictObject({ extension: z.string(), kind: z.string(), count })),
  /** Unreadable images, the first of them by name. */
  broken: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  numBroken: count,
});
export type DatasetContent = z.infer<typeof datasetContentSchema>;

export const datasetViewSchema = datasetSummarySchema
  .extend({
    /** Where it lies and what runs do with it that do not say otherwise. */
    dataset: datasetSchema,
    /** The newest first. */
    versions: z.array(datasetVersionSchema),
    /** Of the newest version; null before there is one, and where its survey is not kept any more. */
    content: datasetContentSchema.nullable(),
    /** The newest runs that name it, at most 100. */
    runs: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        state: z.enum(RUN_STATES),
        createdAt: z.number(),
        version: z.int().min(1),
      }),
    ),
  })
  .meta({ id: 'Dataset' });
export type DatasetView = z.infer<typeof datasetViewSchema>;

/** Body of POST /v1/datasets: a name, and where and what it is. */
export const newDatasetSchema = datasetSchema.and(z.object({ name: datasetNameSchema })).meta({ id: 'NewDataset' });
export type NewDataset = z.infer<typeof newDatasetSchema>;

/** Samples of a named data set's newest version. */
export const datasetSamplesSchema = z
  .strictObject({
    /** How many there are of that class and split. */
    total: count,
    samples: z.array(
      z.strictObject({
        /** Its number in its split, by which its image is asked for. */
        sample: count,
        /** Which file it is, and where in it. */
        description: z.string(),
        /** Number of its class. */
        label: count,
        /** Pixels as stored, before any turn. */
        width: count,
        height: count,
        sizeBytes: count,
      }),
    ),
  })
  .meta({ id: 'DatasetSamples' });
export type DatasetSamples = z.infer<typeof datasetSamplesSchema>;
