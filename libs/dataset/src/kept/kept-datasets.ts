import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetSpec } from '#contracts';
import { isMissing } from '#files';
import { openStore, type FileSource } from '#stores';
import { sourceOf } from '../dataset-formats.js';
import type { DatasetScan, ScanOptions } from '../dataset.js';
import type { DatasetInspection } from '../inspect-dataset.js';
import { skippedOf } from '../open-dataset.js';
import { surveyAnew, type Survey } from '../survey-anew.js';
import type { SurveyContent } from '../survey-figures.js';
import { indexOfScan, readersOf } from './dataset-index.js';
import { FolderNotes } from './folder-notes.js';
import { readIndexFile, writeIndexFile } from './index-file.js';
import { SETTLED_AFTER_MS, stampsOf, UNSETTLED } from './stamps.js';
import { SURVEY_KEY, surveyKey } from './index-key.js';
import { readSurveyRecord, writeSurveyRecord, type SurveyRecord } from './survey-record.js';

export interface KeptDatasetsOptions {
  /** Where indexes, records and notes are kept; one process at a time writes there. It is made when it is needed. */
  readonly folder: string;
  /** Milliseconds of the epoch. Default: the system's clock. */
  readonly clock?: () => number;
}

/** So many broken files are watched for a repair. */
const MAX_WATCHED = 10_000;

/** What is known of a data set that is kept. */
export interface KeptInspection extends DatasetInspection {
  readonly content: SurveyContent;
  /** Unreadable files, whatever the spec says about them. */
  readonly broken: DatasetScan['broken'];
}

interface Looked extends Omit<Survey, 'readers'> {
  /** `kept`: by the index that is kept. */
  readonly readers: Survey['readers'] | 'kept';
}

interface FoundDataset {
  readonly spec: DatasetSpec;
  readonly scan: DatasetScan;
  readonly survey: Survey;
  readonly source: FileSource;
  readonly startedAt: number;
}

/**
 * Looks at each data set once and keeps what it found: the index by digest, and notes of every part, by which a survey that was
 * ended goes on, and one of a data set that has changed looks only at what changed. Whether a data set has changed is told by
 * the stamps of what its format says that the index depends on.
 */
export class KeptDatasets {
  readonly #folder: string;
  readonly #clock: () => number;
  /** A data set is looked at once at a time; who asks meanwhile finds it kept. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor({ folder, clock = Date.now }: KeptDatasetsOptions) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Checks a data set as `inspectDataset` does, same faults. Cost where it is kept: two looks a class folder. */
  async inspect(spec: DatasetSpec, options: ScanOptions = {}): Promise<KeptInspection> {
    const looked = await this.#inTurn(spec, () => this.#look(spec, options));
    const { faults: _, readers: __, ...inspected } = looked;
    const { classes } = inspected.content;
    return {
      ...inspected,
      classes: classes.map(({ name }) => name),
      classNames: classes.map(({ readableName }) => readableName),
      skipped: skippedOf(spec, looked),
    };
  }

  /** Tells what there is and what is wrong with it; a fault is no rejection. */
  async survey(spec: DatasetSpec, options: ScanOptions = {}): Promise<Survey> {
    return await this.#inTurn(spec, async () => {
      const looked = await this.#look(spec, options);
      if (looked.readers !== 'kept') return { ...looked, readers: looked.readers };
      const folder = join(this.#folder, surveyKey(spec));
      const index = await readIndexFile(join(folder, indexName(looked.digest)));
      if (index !== null) return { ...looked, readers: readersOf(index, sourceOf(spec.path, options.stores)) };
      // It is damaged.
      await rm(join(folder, RECORD), { force: true });
      const { readers, ...again } = await this.#look(spec, options);
      return { ...again, readers: readers === 'kept' ? null : readers };
    });
  }

  async #inTurn<Result>(spec: DatasetSpec, look: () => Promise<Result>): Promise<Result> {
    const key = surveyKey(spec);
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(look, look);
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  async #look(spec: DatasetSpec, options: ScanOptions): Promise<Looked> {
    const folder = join(this.#folder, surveyKey(spec));
    const source = sourceOf(spec.path, options.stores);
    await markUsed(folder, this.#clock());
    const record = await readSurveyRecord(join(folder, RECORD));
    if (record !== null && (await this.#isValid(folder, record, source))) {
      const { digest, broken, content, numTrainSamples, numValidationSamples } = record;
      return { faults: [], digest, broken, content, numTrainSamples, numValidationSamples, readers: 'kept' };
    }
    const startedAt = this.#clock();
    const settledBefore = startedAt - SETTLED_AFTER_MS;
    const notes = new FolderNotes(join(folder, 'notes'), settledBefore);
    const { survey, scan } = await surveyAnew(spec, { ...options, notes });
    if (scan.faults.length === 0) await this.#keep(folder, { spec, scan, survey, source, startedAt });
    return survey;
  }

  async #isValid(folder: string, { digest, dependsOn, stamps }: SurveyRecord, source: FileSource): Promise<boolean> {
    if (stamps.includes(UNSETTLED)) return false;
    const store = openStore(source);
    try {
      const now = await stampsOf(store, dependsOn);
      return now.every((stamp, at) => stamp === stamps[at]) && (await isFile(join(folder, indexName(digest))));
    } finally {
      store.close();
    }
  }

  async #keep(folder: string, { spec, scan, survey, source, startedAt }: FoundDataset): Promise<void> {
    const index = indexOfScan(spec.kind, scan);
    if (index === null) return;
    const { digest, content, broken } = survey;
    await mkdir(folder, { recursive: true });
    await rm(join(folder, RECORD), { force: true });
    for (const name of await readdir(folder)) if (name.endsWith(INDEX_END)) await rm(join(folder, name));
    await writeIndexFile(join(folder, indexName(digest)), index);
    // The notes tell the next survey what has not changed.
    if (scan.dependsOn === null) return;
    const dependsOn = [...scan.dependsOn, ...broken.slice(0, MAX_WATCHED).map(({ path }) => path)];
    const store = openStore(source);
    const stamps = await stampsOf(store, dependsOn, startedAt - SETTLED_AFTER_MS).finally(() => store.close());
    await writeSurveyRecord(join(folder, RECORD), {
      location: source.location,
      surveyedAt: startedAt,
      digest,
      content,
      numTrainSamples: index.train.numSamples,
      numValidationSamples: index.val.numSamples,
      broken: [...broken],
      dependsOn,
      stamps: [...stamps],
    });
  }
}

/** The file that holds the index of that digest, of a data set kept in the folder; null where there is none. */
export async function findIndexFile(keptFolder: string, spec: DatasetSpec, digest: string): Promise<string | null> {
  const path = join(keptFolder, surveyKey(spec), indexName(digest));
  return (await isFile(path)) ? path : null;
}

/**
 * Removes kept data sets that were not asked for since `usedBefore` (milliseconds of the epoch) and that `isNeeded` does not say
 * are needed, by their `surveyKey`. Gives their number. What is removed costs another look, nothing else.
 */
export async function removeUnusedDatasets(
  keptFolder: string,
  { usedBefore, isNeeded }: { readonly usedBefore: number; readonly isNeeded: (key: string) => boolean },
): Promise<number> {
  const names = await readdir(keptFolder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  let numRemoved = 0;
  for (const name of names) {
    if (!SURVEY_KEY.test(name) || isNeeded(name)) continue;
    const folder = join(keptFolder, name);
    const { mtimeMs } = await stat(folder);
    if (mtimeMs >= usedBefore) continue;
    await rm(folder, { recursive: true, force: true });
    numRemoved += 1;
  }
  return numRemoved;
}

/** The time of its folder tells when a data set was asked for last. */
async function markUsed(folder: string, now: number): Promise<void> {
  await utimes(folder, now / 1000, now / 1000).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

const RECORD = 'survey.json';
const INDEX_END = '.index';

function indexName(digest: string): string {
  return `${digest}${INDEX_END}`;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}
