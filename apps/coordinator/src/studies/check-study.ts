import {
  checkCombinations,
  nameFaults,
  RefusedInputError,
  type CombinationFault,
  type RunSpec,
  type StudyFault,
  type StudySpec,
} from '#contracts';
import type { DatasetInspections } from '../datasets/dataset-inspections.js';
import { initialWeightsFaults } from '../runs/initial-weights.js';
import { specFaults, withAbsolutePaths } from '../runs/submit-run.js';

/** Every fault of every combination: those of its spec, and those that show only against its data set. */
export async function checkStudy(study: StudySpec, inspections: DatasetInspections): Promise<readonly StudyFault[]> {
  const { specs, faults } = checkCombinations(study);
  const found: CombinationFault[] = [];
  for (const { combination, spec } of specs) {
    for (const fault of await faultsAgainstData(spec, inspections))
      found.push({ labels: combination.labels, ...fault });
  }
  return [...faults, ...nameFaults(study, found, specs.length)];
}

async function faultsAgainstData(
  submitted: RunSpec,
  inspections: DatasetInspections,
): Promise<readonly { path: string; message: string }[]> {
  const spec = withAbsolutePaths(submitted);
  try {
    return [...specFaults(spec, await inspections.of(spec)), ...(await initialWeightsFaults(spec))];
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return error.faults.length > 0 ? error.faults : [{ path: 'dataset.path', message: error.message }];
  }
}
