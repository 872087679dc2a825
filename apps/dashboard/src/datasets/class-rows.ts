import type { DatasetContent } from '#contracts';

type DatasetClass = DatasetContent['classes'][number];

/** How classes are sorted: as the data set numbers them, by their training images, by name. */
export const CLASS_SORTS = ['number', 'most', 'fewest', 'name'] as const;
export type ClassSort = (typeof CLASS_SORTS)[number];

/** A class with its number, which is its label. */
export interface ClassRow extends DatasetClass {
  readonly label: number;
}

/** Classes whose names hold all the words, sorted; equal ones by their number. */
export function classRows(classes: readonly DatasetClass[], words: string, sort: ClassSort): readonly ClassRow[] {
  const wanted = words
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const rows = classes
    .map((one, label): ClassRow => ({ ...one, label }))
    .filter(({ name, readableName, label }) => {
      const text = `${label} ${name} ${readableName}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  return rows.sort((left, right) => ORDERS[sort](left, right) || left.label - right.label);
}

const ORDERS: Readonly<Record<ClassSort, (left: ClassRow, right: ClassRow) => number>> = {
  number: () => 0,
  most: (left, right) => right.numTrain - left.numTrain,
  fewest: (left, right) => left.numTrain - right.numTrain,
  name: (left, right) => left.readableName.localeCompare(right.readableName, 'en'),
};

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Training images of a class; null where there is no class. */
export function trainSpread(classes: readonly DatasetClass[]): Spread | null {
  const counts = classes.map(({ numTrain }) => numTrain).sort((left, right) => left - right);
  const [min, max] = [counts[0], counts.at(-1)];
  const median = counts[Math.floor((counts.length - 1) / 2)];
  return min === undefined || max === undefined || median === undefined ? null : { min, median, max };
}
