import { createHash } from 'node:crypto';
import { checkpointFiles, checkpointFolder, type CheckpointManifest } from '#contracts';

const NAME = /^step-(\d{8,})-[0-9a-f]{12}$/;
const HASH_DIGITS = 12;

/**
 * Name of a checkpoint's folder in a store: `step-00000100-` and a hash of its files' hashes. Nothing can be renamed into place
 * there, so two writers of one step must not meet: with the same bits they write the same objects, with others elsewhere.
 */
export function storedFolder(manifest: CheckpointManifest): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(checkpointFiles(manifest)))
    .digest('hex');
  return `${checkpointFolder(manifest.step)}-${hash.slice(0, HASH_DIGITS)}`;
}

/** The step of a folder's name; undefined where it is none of a checkpoint. */
export function stepOfFolder(name: string): number | undefined {
  const step = NAME.exec(name)?.[1];
  return step === undefined ? undefined : Number(step);
}
