import {
  checkCombinations,
  nameFaults,
  RefusedInputError,
  type CombinationFault,
  type StudyFault,
  type StudySpec,
  type SubmittedRun,
} from '#contracts';
import type { DatasetNames } from '../datasets/dataset-names.js';
import type { DatasetInspections } from '../datasets/dataset-inspections.js';
import { initialWeightsFaults } from '../runs/initial-weights.js';
import { specFaults, storeFaultsOf, withAbsolutePaths } from '../runs/submit-run.js';
import type { CheckpointFiles } from '../storage/checkpoint-files.js';
import type { StoredFiles } from '../storage/stored-files.js';

/** What specs are checked by. */
interface StudyChecks {
  readonly names: DatasetNames;
  readonly files: CheckpointFiles;
  readonly stored: Pick<StoredFiles, 'probe'>;
}

/** Every fault of every combination: those of its spec, and those that show only against its data set. */
export async function checkStudy(
  study: StudySpec,
  inspections: DatasetInspections,
  { names, files, stored }: StudyChecks,
): Promise<readonly StudyFault[]> {
  const { specs, faults } = checkCombinations(study);
  const found: CombinationFault[] = [];
  const probes = new Map<string, Promise<string | undefined>>();
  const probe = (store: string): Promise<string | undefined> => {
    const probed = probes.get(store) ?? stored.probe(store);
    probes.set(store, probed);
    return probed;
  };
  for (const { combination, spec } of specs) {
    for (const fault of await faultsAgainstData(spec, inspections, { names, files, stored: { probe } }))
      found.push({ labels: combination.labels, ...fault });
  }
  return [...faults, ...nameFaults(study, found, specs.length)];
}

async function faultsAgainstData(
  submitted: SubmittedRun,
  inspections: DatasetInspections,
  { names, files, stored }: StudyChecks,
): Promise<readonly { path: string; message: string }[]> {
  try {
    const spec = names.resolved(withAbsolutePaths(submitted));
    const inspection = await inspections.of(spec);
    const { faults } = await names.confirmed(spec, inspection);
    return [
      ...faults,
      ...specFaults(spec, inspection),
      ...(await initialWeightsFaults(spec, files)),
      ...(await storeFaultsOf(spec, stored)),
    ];
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return error.faults.length > 0 ? error.faults : [{ path: 'dataset.path', message: error.message }];
  }
}
