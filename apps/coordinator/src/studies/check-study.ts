import {
  checkCombinations,
  nameFaults,
  RefusedInputError,
  type CombinationFault,
  type StudyFault,
  type StudySpec,
  type RunSpec,
  type SubmittedRun,
} from '#contracts';
import type { DatasetNames } from '../datasets/dataset-names.js';
import type { DatasetInspections } from '../datasets/dataset-inspections.js';
import { initialWeightsFaults } from '../runs/initial-weights.js';
import { specFaults, storeFaultsOf, withAbsolutePaths } from '../runs/submit-run.js';
import type { CheckpointFiles } from '../storage/checkpoint-files.js';
import type { StoredFiles } from '../storage/stored-files.js';
import type { StudyDataset } from '../storage/study-record.schema.js';

/** What specs are checked by. */
interface StudyChecks {
  readonly names: DatasetNames;
  readonly files: CheckpointFiles;
  readonly stored: Pick<StoredFiles, 'probe'>;
}

interface CheckedStudy {
  readonly faults: readonly StudyFault[];
  /** Of each combination, in their order, where there is no fault. */
  readonly datasets: readonly StudyDataset[];
}

/** Every fault of every combination: those of its spec, and those that show only against its data set. */
export async function checkStudy(
  study: StudySpec,
  inspections: DatasetInspections,
  { names, files, stored }: StudyChecks,
): Promise<CheckedStudy> {
  const { specs, faults } = checkCombinations(study);
  const found: CombinationFault[] = [];
  const probes = new Map<string, Promise<string | undefined>>();
  const probe = (store: string): Promise<string | undefined> => {
    const probed = probes.get(store) ?? stored.probe(store);
    probes.set(store, probed);
    return probed;
  };
  const datasets: StudyDataset[] = [];
  // All at one moment: a name that is put elsewhere meanwhile stands for one place in the whole study.
  const resolved = specs.map(({ combination, spec }) => ({ combination, spec: resolvedOrRefused(spec, names) }));
  for (const { combination, spec } of resolved) {
    const seen = await seenAgainstData(spec, inspections, { names, files, stored: { probe } });
    for (const fault of seen.faults) found.push({ labels: combination.labels, ...fault });
    if (seen.dataset !== undefined) datasets.push(seen.dataset);
  }
  return { faults: [...faults, ...nameFaults(study, found, specs.length)], datasets };
}

function resolvedOrRefused(submitted: SubmittedRun, names: DatasetNames): RunSpec | RefusedInputError {
  try {
    return names.resolved(withAbsolutePaths(submitted));
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return error;
  }
}

interface Seen {
  readonly faults: readonly { readonly path: string; readonly message: string }[];
  /** What the spec's data set is, where it was found. */
  readonly dataset?: StudyDataset;
}

async function seenAgainstData(
  resolved: RunSpec | RefusedInputError,
  inspections: DatasetInspections,
  { names, files, stored }: StudyChecks,
): Promise<Seen> {
  try {
    if (resolved instanceof RefusedInputError) throw resolved;
    const inspection = await inspections.of(resolved);
    const { spec, faults } = await names.confirmed(resolved, inspection);
    return {
      dataset: { dataset: spec.dataset, digest: inspection.digest },
      faults: [
        ...faults,
        ...specFaults(spec, inspection),
        ...(await initialWeightsFaults(spec, files)),
        ...(await storeFaultsOf(spec, stored)),
      ],
    };
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return { faults: error.faults.length > 0 ? error.faults : [{ path: 'dataset.path', message: error.message }] };
  }
}
