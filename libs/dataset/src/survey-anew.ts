import type { DatasetSpec } from '#contracts';
import { scanDataset } from './dataset-formats.js';
import type { Dataset, DatasetScan, ScanOptions } from './dataset.js';
import { SurveyFigures, type SurveyContent } from './survey-figures.js';

/** What there is, good and bad. */
export interface Survey extends Pick<DatasetScan, 'faults' | 'broken' | 'digest'> {
  readonly content: SurveyContent;
  readonly numTrainSamples: number;
  readonly numValidationSamples: number;
  /** Whoever asked closes them; null where faults left nothing to read. */
  readonly readers: Pick<Dataset, 'train' | 'validation'> | null;
}

/** Scans a data set and counts what the scan comes upon. */
export async function surveyAnew(
  spec: DatasetSpec,
  options: ScanOptions,
): Promise<{ readonly survey: Survey; readonly scan: DatasetScan }> {
  const figures = new SurveyFigures();
  const scan = await scanDataset(spec, figures.counting(options));
  const { train, validation, faults, broken, digest } = scan;
  const survey: Survey = {
    faults,
    broken: broken.map(({ path, message }) => ({ path, message })),
    digest,
    content: figures.content(scan),
    numTrainSamples: train?.length ?? 0,
    numValidationSamples: validation?.length ?? 0,
    readers: train === null || validation === null ? null : { train, validation },
  };
  return { survey, scan };
}
