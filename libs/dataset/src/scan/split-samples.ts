import type { DatasetSplit } from '#contracts';
import type { Split } from '../dataset.js';
import { validationOf } from '../labels/split-samples.js';
import type { ScannedUnit } from './unit-scan.js';

/**
 * The split of every sample of units that have none, unit by unit; null for the others, and where nothing divides them. Classes
 * are divided over all units, by where samples lie.
 */
export function splitSamples(
  units: readonly ScannedUnit[],
  divide: DatasetSplit | null,
): readonly (readonly Split[] | null)[] {
  if (divide === null) return units.map(() => null);
  const splits = units.map(({ split, scan }): Split[] | null =>
    split === null ? scan.samples.files.map(() => 'train') : null,
  );
  const classes = new Map<string, { readonly names: string[]; readonly places: (readonly [number, number])[] }>();
  for (const [at, { scan }] of units.entries()) {
    if (splits[at] === null) continue;
    for (const [sample, number] of scan.samples.labels.entries()) {
      const label = scan.labels[number] ?? '';
      const found = classes.get(label) ?? { names: [], places: [] };
      classes.set(label, found);
      const file = scan.files[scan.samples.files[sample] ?? 0];
      found.names.push(`${file?.path ?? ''}\0${file?.part ?? ''}\0${scan.samples.offsets[sample] ?? 0}`);
      found.places.push([at, sample]);
    }
  }
  for (const { names, places } of classes.values()) {
    for (const [position, isValidation] of validationOf(names, divide).entries()) {
      const [unit, sample] = places[position] ?? [0, 0];
      const of = splits[unit];
      if (isValidation && of) of[sample] = 'val';
    }
  }
  return splits;
}
