import { CHECKPOINT_MANIFEST_FILE, parseManifest, RefusedInputError, type RunSpec } from '#contracts';
import { StoredObjectChangedError, type StoredObject, type WaitOptions, type WritableStore } from '#stores';
import { removeStored } from './remove-stored.js';
import { stepOfFolder } from './stored-folder.js';

/** What a writer left half written so long ago, it will not go on with. */
const LEFT_BEHIND_MS = 24 * 3_600_000;

export interface PruneOptions extends WaitOptions {
  readonly keep: RunSpec['checkpoint']['keep'];
  /** Name of the folder that was written last. */
  readonly written: string;
}

interface StoredCheckpoint {
  readonly folder: string;
  readonly step: number;
  readonly objects: readonly StoredObject[];
  /** Undefined where it is not whole. */
  readonly manifest: StoredObject | undefined;
}

/**
 * Removes a run's checkpoints from its folder in a store but those that are kept, and what dead writers left a day ago. Counts
 * what is whole alone. Of two of one step the one written last stays. Now is when its manifest was written: by the store's clock.
 */
export async function pruneStored(store: WritableStore, { keep, written, ...wait }: PruneOptions): Promise<void> {
  const all = await storedCheckpoints(store, wait);
  const own = all.find(({ folder }) => folder === written);
  const whole = all
    .filter(({ manifest, step, folder }) => manifest !== undefined && (step !== own?.step || folder === written))
    .toSorted((left, right) => left.step - right.step);
  const steps = [...new Set(whole.map(({ step }) => step))];
  const keptSteps = keep === 'best' ? [steps.at(-1), await bestStep(store, whole, wait)] : steps.slice(-keep);
  const kept = whole.filter(({ step }) => keptSteps.includes(step));
  const now = own?.manifest?.changedAtMs;
  for (const one of all) {
    if (kept.includes(one)) continue;
    const isLeftBehind =
      now !== undefined && one.objects.every(({ changedAtMs = now }) => now - changedAtMs > LEFT_BEHIND_MS);
    if (one.manifest !== undefined || isLeftBehind) await removeStored(store, one.folder, wait);
  }
}

async function storedCheckpoints(store: WritableStore, wait: WaitOptions): Promise<readonly StoredCheckpoint[]> {
  const byFolder = new Map<string, StoredObject[]>();
  for await (const entry of store.list('', { ...wait, isRecursive: true })) {
    const [folder = ''] = entry.path.split('/');
    if (entry.kind === 'object') byFolder.set(folder, [...(byFolder.get(folder) ?? []), entry]);
  }
  return [...byFolder].flatMap(([folder, objects]) => {
    const step = stepOfFolder(folder);
    const manifest = objects.find(({ path }) => path === `${folder}/${CHECKPOINT_MANIFEST_FILE}`);
    return step === undefined ? [] : [{ folder, step, objects, manifest }];
  });
}

/** The last that was the best when it was written: also where the writer of a better one died. */
async function bestStep(
  store: WritableStore,
  whole: readonly StoredCheckpoint[],
  wait: WaitOptions,
): Promise<number | undefined> {
  for (const { step, manifest } of whole.toReversed()) {
    if (manifest !== undefined && (await wasBest(store, manifest, wait))) return step;
  }
  return undefined;
}

async function wasBest(store: WritableStore, manifest: StoredObject, wait: WaitOptions): Promise<boolean> {
  try {
    const bytes = await store.read(manifest.path, { ...wait, length: manifest.sizeBytes });
    const { step, validation } = parseManifest(Buffer.from(bytes).toString('utf8'));
    return validation.best?.step === step;
  } catch (error) {
    // Another writer has removed it, or it cannot be read.
    if (error instanceof StoredObjectChangedError || error instanceof RefusedInputError) return false;
    throw error;
  }
}
