import type { DatasetKind, DatasetSpec } from '#contracts';
import type { Dataset, DatasetScan, ScanOptions } from './dataset.js';
import { KeptDatasets } from './kept/kept-datasets.js';
import { surveyAnew } from './survey-anew.js';
import type { SurveyContent } from './survey-figures.js';

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
  /** Where surveys are kept: what has not changed since the last one is not looked at. Default: nothing is kept. */
  readonly keptFolder?: string;
  /** Works with what was found; the readers are closed afterwards. Not called where faults left one of them out. */
  readonly examine?: (splits: Pick<Dataset, 'train' | 'validation'>) => Promise<void>;
}

/** Looks at a whole data set and reports what is there and what is wrong; a fault is no rejection. */
export async function surveyDataset(spec: DatasetSpec, options: SurveyOptions = {}): Promise<DatasetSurvey> {
  const { keptFolder, examine, ...scanOptions } = options;
  const { readers, content, ...found } =
    keptFolder === undefined
      ? (await surveyAnew(spec, scanOptions)).survey
      : await new KeptDatasets({ folder: keptFolder }).survey(spec, scanOptions);
  if (readers !== null) {
    try {
      await examine?.(readers);
    } finally {
      await Promise.all([readers.train.close(), readers.validation.close()]);
    }
  }
  const { faults, broken, digest, numTrainSamples, numValidationSamples } = found;
  return {
    kind: spec.kind,
    path: spec.path,
    ...content,
    numTrainSamples,
    numValidationSamples,
    digest: faults.length > 0 ? null : digest,
    faults,
    broken,
  };
}
