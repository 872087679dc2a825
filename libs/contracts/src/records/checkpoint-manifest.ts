import { createHash } from 'node:crypto';
import { z } from 'zod';
import { evaluationSchema, stepMetricsSchema } from '../messages/report.schema.js';
import { RefusedInputError } from '../errors.js';
import { migrated, type RecordVersions } from './record-version.js';
import { scheduleStateSchema } from '../run-spec/schedule.schema.js';
import { INITIAL_VALIDATION_STATE, validationStateSchema } from '../run-spec/stop-when.schema.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The last commits that a worker knows of, oldest first: what was not reported yet is among them. Some 400 bytes a step. */
export const commitMemorySchema = z.strictObject({
  steps: z.array(stepMetricsSchema),
  evaluations: z.array(evaluationSchema),
});
export type CommitMemory = z.infer<typeof commitMemorySchema>;

/** What checkpoint.json of a checkpoint's folder says: where the run stands, and the SHA-256 of the files beside it. */
const checkpointManifestSchema = z.strictObject({
  version: z.literal(3),
  runId: z.string(),
  architecture: z.string(),
  round: z.int().min(0),
  step: z.int().min(0),
  weightsSha256: sha256,
  averageSha256: sha256.optional(),
  /** What the optimiser remembers, a file a slot. */
  slots: z.record(
    z.string().min(1).max(100),
    z.strictObject({ file: z.string().regex(/^[\w-]+\.safetensors$/), sha256 }),
  ),
  /** Absent in checkpoints written before schedules had a state. */
  schedule: scheduleStateSchema.optional(),
  validation: validationStateSchema,
  /** The last ones before it, told once more by whoever goes on from here: their report may be lost for good. */
  commits: commitMemorySchema.optional(),
});
export type CheckpointManifest = z.infer<typeof checkpointManifestSchema>;

const VERSIONS: RecordVersions = {
  current: 3,
  migrations: {
    // SGD's momentum was all that an optimiser could remember.
    1: ({ optimizerSha256, ...others }) => ({
      ...others,
      slots: { momentum: { file: 'optimizer.safetensors', sha256: optimizerSha256 } },
    }),
    // No run stopped early, and none kept its best.
    2: (fields) => ({ ...fields, validation: INITIAL_VALIDATION_STATE }),
  },
};

/** Name of the manifest's file. */
export const CHECKPOINT_MANIFEST_FILE = 'checkpoint.json';

/** Names of the other files of a checkpoint's folder. */
export const CHECKPOINT_FILES = {
  weights: 'weights.safetensors',
  /** Where the run averages its weights. */
  average: 'average.safetensors',
} as const;

/** Name of the file of what the optimiser remembers under this name. */
export function slotFile(slot: string): string {
  return `slot-${slot}.safetensors`;
}

/** Name of a checkpoint's folder: `step-00000100`. Names sort as steps do. */
export function checkpointFolder(step: number): string {
  return `step-${String(step).padStart(8, '0')}`;
}

/** The files that a manifest vouches for. */
export function checkpointFiles({
  weightsSha256,
  averageSha256,
  slots,
}: CheckpointManifest): readonly { readonly name: string; readonly sha256: string }[] {
  return [
    { name: CHECKPOINT_FILES.weights, sha256: weightsSha256 },
    ...Object.values(slots).map(({ file, sha256: of }) => ({ name: file, sha256: of })),
    ...(averageSha256 === undefined ? [] : [{ name: CHECKPOINT_FILES.average, sha256: averageSha256 }]),
  ];
}

/** The text of checkpoint.json: the manifest and, last, the SHA-256 of its own JSON. */
export function manifestText(manifest: CheckpointManifest): string {
  return `${JSON.stringify({ ...manifest, manifestSha256: sha256Of(manifest) }, null, 2)}\n`;
}

/**
 * Reads the text of checkpoint.json and checks it against its own SHA-256, which the oldest ones do not have.
 * @throws NewerVersionError, or RefusedInputError when it is cut off, altered, or no manifest.
 */
export function parseManifest(text: string): CheckpointManifest {
  let fields: Record<string, unknown>;
  try {
    fields = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw new RefusedInputError(`${CHECKPOINT_MANIFEST_FILE} is no JSON object`, [], { cause: error });
  }
  // Names keep their order from JSON to JSON. Whatever the version: a damaged file is no newer one.
  const { manifestSha256, ...content } = fields;
  if (manifestSha256 !== undefined && manifestSha256 !== sha256Of(content)) {
    throw new RefusedInputError(`${CHECKPOINT_MANIFEST_FILE} is corrupt: its SHA-256 is not the one it names`);
  }
  const parsed = checkpointManifestSchema.safeParse(migrated(CHECKPOINT_MANIFEST_FILE, content, VERSIONS));
  if (parsed.success) return parsed.data;
  throw new RefusedInputError(`${CHECKPOINT_MANIFEST_FILE} is no manifest: ${z.prettifyError(parsed.error)}`);
}

const sha256Of = (content: object): string => createHash('sha256').update(JSON.stringify(content)).digest('hex');
