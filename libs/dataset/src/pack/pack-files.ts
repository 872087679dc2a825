import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DATASET_KINDS } from '#contracts';
import { unitScanSchema } from '../scan/unit-scan.js';

/** Says what a pack holds. It is written last: without it nothing was packed whole. */
export const PACK_FILE = 'pack.json';
/** Says what an unfinished pack will hold. */
export const PLAN_FILE = '.pack-plan.json';
/** Where the indexes of the shards lie. */
export const INDEX_FOLDER = 'index';
/** Another number: other versions do not read it. */
const VERSION = 1;

const count = z.number().int().nonnegative();
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** How images are made smaller. */
export const shrinkSchema = z.strictObject({
  /** Pixels; images whose shorter side is no longer stay as they are. */
  shorterSide: z.number().int().min(1).max(65_535),
  /** Of JPEG. */
  quality: z.number().int().min(1).max(100),
});
export type Shrink = z.infer<typeof shrinkSchema>;

/** All that decides the bytes of a pack. */
export const packPlanSchema = z.strictObject({
  version: z.literal(VERSION).default(VERSION),
  source: z.strictObject({ kind: z.enum(DATASET_KINDS), digest: z.string() }),
  /** Of the order of the training images. */
  seed: z.number().int().min(0).max(0xffff_ffff),
  shardBytes: z.number().int().positive(),
  shrink: shrinkSchema.nullable(),
});
export type PackPlan = z.infer<typeof packPlanSchema>;

/** The index of a shard, beside it. */
export const shardIndexSchema = z.strictObject({
  version: z.literal(VERSION),
  sizeBytes: count,
  /** Of the shard. */
  sha256: hash,
  /** Images that were decoded and encoded anew, and those that were turned upright on the way. */
  numEncoded: count,
  numTurned: count,
  /** Labels are names of classes. */
  scan: unitScanSchema,
});
export type ShardIndex = z.infer<typeof shardIndexSchema>;

const shardSchema = z.strictObject({
  path: z.string(),
  sizeBytes: count,
  sha256: hash,
  numSamples: count,
  /** Of the shard's index as it lies there. */
  indexSha256: hash,
});
export type PackedShard = z.infer<typeof shardSchema>;

export const packSchema = z.strictObject({
  plan: packPlanSchema,
  classes: z.array(z.string()),
  /** What people call the classes. */
  classNames: z.array(z.string()),
  train: z.array(shardSchema),
  validation: z.array(shardSchema),
});
export type Pack = z.infer<typeof packSchema>;

/** Where the index of a shard lies: `index/train-00000.json` for `train-00000.tar`. */
export function indexPath(shard: string): string {
  return `${INDEX_FOLDER}/${shard.replace(/\.tar$/, '.json')}`;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Parses text of a file that may be damaged; null where it is. */
export function parseAs<Value>(schema: z.ZodType<Value>, text: string): Value | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
