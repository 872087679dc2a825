import { checkCombinations, type RunSpec, type StudySpec } from '#contracts';
import { buildNetwork, layoutOf } from '#resnet';

/** A study's spec never changes, and a deep network takes a tenth of a second to build. */
const counted = new WeakMap<StudySpec, ReadonlyMap<string, number>>();

/** The learned numbers of the network that a combination trains, by its labels; null where it has a fault. */
export function parametersOf(study: StudySpec, labels: readonly string[]): number | null {
  let all = counted.get(study);
  if (all === undefined) {
    const ofModel = new Map<string, number>();
    all = new Map(
      checkCombinations(study).specs.map(({ combination, spec }) => {
        const key = JSON.stringify(spec.model);
        const parameters = ofModel.get(key) ?? count(spec.model);
        ofModel.set(key, parameters);
        return [JSON.stringify(combination.labels), parameters];
      }),
    );
    counted.set(study, all);
  }
  return all.get(JSON.stringify(labels)) ?? null;
}

const count = (model: RunSpec['model']): number => layoutOf(buildNetwork(model)).numParameters;
