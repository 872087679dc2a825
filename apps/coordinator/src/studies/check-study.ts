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
import { specFaults, withAbsolutePaths } from '../runs/submit-run.js';

/** Every fault of every combination: those of its spec, and those that show only against its data set. */
export async function checkStudy(
  study: StudySpec,
  inspections: DatasetInspections,
  names: DatasetNames,
): Promise<readonly StudyFault[]> {
  const { specs, faults } = checkCombinations(study);
  const found: CombinationFault[] = [];
  for (const { combination, spec } of specs) {
    for (const fault of await faultsAgainstData(spec, inspections, names))
      found.push({ labels: combination.labels, ...fault });
  }
  return [...faults, ...nameFaults(study, found, specs.length)];
}

async function faultsAgainstData(
  submitted: SubmittedRun,
  inspections: DatasetInspections,
  names: DatasetNames,
): Promise<readonly { path: string; message: string }[]> {
  try {
    const spec = names.resolved(withAbsolutePaths(submitted));
    const inspection = await inspections.of(spec);
    const { faults } = await names.confirmed(spec, inspection);
    return [...faults, ...specFaults(spec, inspection), ...(await initialWeightsFaults(spec))];
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return error.faults.length > 0 ? error.faults : [{ path: 'dataset.path', message: error.message }];
  }
}
