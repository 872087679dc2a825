import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from '@jest/globals';
import { writeTinyImages } from '../../apps/coordinator/src/testing/tiny-images.js';
import type { ObjectServer } from '../support/object-server/object-server.js';
import type { Environment } from './launched-stack.js';

/** Trains a small network for one epoch, by the command that `submit` runs on a file with its spec. */
export async function trainTiny(
  path: string,
  scratch: string,
  submit: (file: string) => Promise<{ readonly code: number | null; readonly text: string }>,
): Promise<void> {
  const spec = {
    name: 'tiny',
    model: { architecture: 'resnet8', numClasses: 2, imageSize: 16 },
    dataset: { kind: 'image-folder', path },
    lanes: 1,
    laneBatchSize: 2,
    epochs: 1,
  };
  writeFileSync(join(scratch, 'run.json'), JSON.stringify(spec));
  const { code, text } = await submit(join(scratch, 'run.json'));
  expect([code, text]).toEqual([0, expect.stringContaining('finished')]);
}

interface TrainingScene {
  /** What the stack's AWS_ENDPOINT_URL_S3 leads to. */
  readonly objects: ObjectServer;
  readonly workerLog: () => string;
  /** Holds the folders `images`, `copy`, `checkpoints` and `shards`. */
  readonly scratch: string;
  readonly trainOn: (path: string) => Promise<void>;
  readonly refusal: (environment: Environment) => Promise<string>;
}

/** What the variables do that a run shows: one of images on disk, then one of the same images in a bucket. */
export function trainingChecks(scene: () => TrainingScene): Readonly<Record<string, () => Promise<void>>> {
  return {
    SKIPLANE_CHECKPOINT_DIR: async () => {
      const { scratch, trainOn } = scene();
      for (const folder of ['images', 'copy']) await writeTinyImages(join(scratch, folder), 4, 2);
      await trainOn(join(scratch, 'images'));
      expect(readdirSync(join(scratch, 'checkpoints'))).toHaveLength(1);
    },
    SKIPLANE_DATASET_PATHS: async () => {
      const { scratch, workerLog, refusal } = scene();
      expect(workerLog()).toContain(`"datasetPath":"${join(scratch, 'copy')}","msg":"dataset-elsewhere"`);
      expect(await refusal({ SKIPLANE_DATASET_PATHS: 'imagenet' })).toContain('SKIPLANE_DATASET_PATHS has "imagenet"');
    },
    SKIPLANE_SHARD_CACHE: async () => {
      const { objects, scratch, trainOn } = scene();
      for (const entry of readdirSync(join(scratch, 'images'), { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile()) objects.put(`bucket/${relative(scratch, path)}`, readFileSync(path));
      }
      await trainOn('s3://bucket/images');
      expect(readdirSync(join(scratch, 'shards')).filter((name) => name.endsWith('.data'))).not.toEqual([]);
    },
    SKIPLANE_SHARD_CACHE_GIB: async () => {
      const text = await scene().refusal({ SKIPLANE_SHARD_CACHE_GIB: '0' });
      expect(text).toContain('SKIPLANE_SHARD_CACHE_GIB must be a whole number');
    },
    SKIPLANE_S3_PATH_STYLE: async () => {
      const { objects, refusal } = scene();
      expect(objects.requests.filter((request) => request.startsWith('GET bucket/images/'))).not.toEqual([]);
      expect(await refusal({ SKIPLANE_S3_PATH_STYLE: 'yes' })).toContain('SKIPLANE_S3_PATH_STYLE must be one of auto');
    },
    SKIPLANE_S3_ANONYMOUS: () => {
      expect(scene().objects.numSigned).toBe(0);
      return Promise.resolve();
    },
  };
}
