/** What was measured, against what has to hold. */
export interface Figure {
  readonly what: string;
  /** Steps or runs that there were. */
  readonly size: number;
  readonly value: number;
  readonly unit: 'ms' | 'kB' | 'MB';
  /** The most it may be; null: a figure for the table alone. */
  readonly goal: number | null;
}

/** Growth may exceed the tenfold of a tenfold size by so much before it counts as worse than linear. */
const NOISE = 1.5;
/** Differences below it are noise, whatever they are of. */
const LEAST: Readonly<Record<Figure['unit'], number>> = { ms: 20, kB: 5, MB: 10 };

export const holds = ({ value, goal }: Figure): boolean => goal === null || value <= goal;

/** The figure's values by size, and whether they grow linearly or better. */
export interface Growth {
  readonly what: string;
  readonly unit: Figure['unit'];
  readonly values: readonly { readonly size: number; readonly value: number }[];
  readonly isLinear: boolean;
}

export function growthOf(figures: readonly Figure[]): Growth[] {
  return [...new Set(figures.map(({ what }) => what))].map((what) => {
    const group = figures.filter((figure) => figure.what === what);
    const values = group.map(({ size, value }) => ({ size, value })).toSorted((a, b) => a.size - b.size);
    const [{ unit } = { unit: 'ms' as const }] = group;
    const isLinear = values.slice(1).every(({ size, value }, index) => {
      const before = values[index];
      if (before === undefined) return true;
      return value - before.value <= LEAST[unit] || value / before.value <= (size / before.size) * NOISE;
    });
    return { what, unit, values, isLinear };
  });
}

/** The table for people. */
export function growthTable(growth: readonly Growth[], figures: readonly Figure[]): string {
  const rows = growth.map(({ what, unit, values, isLinear }) => {
    const goal = figures.find((figure) => figure.what === what && figure.goal !== null)?.goal;
    const cells = values.map(({ size, value }) => `${size.toLocaleString('en')}: ${shown(value)} ${unit}`);
    const verdict = figures.filter((figure) => figure.what === what).every(holds) ? '' : '  TOO MUCH';
    return `${what.padEnd(44)} ${cells.join('   ')}${goal === undefined ? '' : `   (goal ${goal} ${unit})`}${verdict}${isLinear ? '' : '  WORSE THAN LINEAR'}`;
  });
  return rows.join('\n');
}

const shown = (value: number): string => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en'));
