import { readdir } from 'node:fs/promises';
import { RefusedInputError, type DatasetKind, type DatasetSpec } from '#contracts';
import { kindsOf, layoutLines, scanDataset } from './dataset-formats.js';
import type { DatasetScan, ScanOptions } from './dataset.js';
import type { IndexedReader } from './indexed-reader.js';
import { SurveyFigures, type SurveyContent } from './survey-figures.js';

/** What a person wants to know of a data set before training on it. */
export interface DatasetSurvey extends SurveyContent, Pick<DatasetScan, 'faults' | 'broken'> {
  readonly kind: DatasetKind;
  readonly path: string;
  readonly numTrainSamples: number;
  readonly numValidationSamples: number;
  /** Of the readable samples; null where faults left nothing to train on. */
  readonly digest: string | null;
}

export interface SurveyOptions extends ScanOptions {
  /** Works with what was found; the readers are closed afterwards. Not called where faults left one of them out. */
  readonly examine?: (splits: { readonly train: IndexedReader; readonly validation: IndexedReader }) => Promise<void>;
}

/** Looks at a whole data set and reports what is there and what is wrong; a fault is no rejection. */
export async function surveyDataset(spec: DatasetSpec, options: SurveyOptions = {}): Promise<DatasetSurvey> {
  const figures = new SurveyFigures();
  const scan = await scanDataset(spec, figures.counting(options));
  const { train: trainReader, validation: validationReader } = scan;
  if (trainReader !== null && validationReader !== null) {
    await options.examine?.({ train: trainReader, validation: validationReader });
  }
  await Promise.all([trainReader?.close(), validationReader?.close()]);
  return {
    kind: spec.kind,
    path: spec.path,
    ...figures.content(scan),
    numTrainSamples: scan.train?.length ?? 0,
    numValidationSamples: scan.validation?.length ?? 0,
    digest: scan.faults.length > 0 ? null : scan.digest,
    faults: scan.faults,
    broken: scan.broken,
  };
}

/** Tells the kind of a data set from what its folder holds. Rejects with RefusedInputError where that is not clear. */
export async function detectDatasetKind(path: string): Promise<DatasetKind> {
  const entries = await readdir(path).catch((error: unknown) => {
    throw new RefusedInputError(`${path} cannot be read as a folder`, [], { cause: error });
  });
  const [kind, ...others] = kindsOf(entries);
  if (kind !== undefined && others.length === 0) return kind;
  const found = kind === undefined ? 'no data set' : `more than one data set (${[kind, ...others].join(', ')})`;
  throw new RefusedInputError(
    `${path} holds ${found}; expected one of\n${layoutLines()
      .map((line) => `  ${line}`)
      .join('\n')}`,
  );
}
