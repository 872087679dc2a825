import type { DatasetSpec, DatasetVersion } from '#contracts';
import type { DatasetRecord } from '../storage/dataset-record.schema.js';
import type { InspectedDataset } from './scan-messages.js';

/**
 * A record once a survey has ended well: what was found is the first version. Other samples make a new one, and those of an
 * earlier one keep its number.
 */
export function withFound(
  record: DatasetRecord,
  { dataset, found, at }: { readonly dataset: DatasetSpec; readonly found: InspectedDataset; readonly at: number },
): DatasetRecord {
  const { digest, numTrainSamples, numValidationSamples, numSkipped, content, broken, numBroken } = found;
  const known = record.versions.find((version) => version.digest === digest);
  const version: DatasetVersion = {
    version: known?.version ?? Math.max(0, ...record.versions.map((one) => one.version)) + 1,
    digest,
    dataset: { ...dataset, name: undefined },
    surveyedAt: known?.surveyedAt ?? at,
    numTrainSamples,
    numValidationSamples,
    numClasses: content.classes.length,
    numSkipped,
  };
  return {
    ...record,
    survey: { ...record.survey, state: 'ready', finishedAt: at, problem: null },
    versions: [version, ...record.versions.filter((one) => one !== known)],
    content: { ...content, broken: [...broken], numBroken },
  };
}
