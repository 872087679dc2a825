import { percentile } from './percentiles.js';
import type { PhaseName } from './phases.js';
import type { RoleName } from './roles.js';
import type { CellResult } from './run-cell.js';

/** All seeds of one cell of the matrix. */
interface CellSummary {
  readonly role: RoleName;
  readonly phase: PhaseName;
  readonly runs: number;
  readonly passed: number;
  readonly recoveryMsP50: number | null;
  readonly recoveryMsP95: number | null;
  readonly samplesLost: number;
  readonly samplesRepeated: number;
  readonly faults: readonly string[];
}

export interface MatrixReport {
  readonly passed: number;
  readonly failed: number;
  readonly cells: readonly CellSummary[];
  /** Over all phases. */
  readonly recoveryByRole: Readonly<Record<string, { readonly p50Ms: number | null; readonly p95Ms: number | null }>>;
}

export function matrixReport(results: readonly CellResult[]): MatrixReport {
  const groups = grouped(results, ({ role, phase }) => `${role} / ${phase}`);
  const times = (of: readonly CellResult[]): number[] => of.flatMap(({ recoveryMs }) => recoveryMs ?? []);
  return {
    passed: results.filter(({ isPassed }) => isPassed).length,
    failed: results.filter(({ isPassed }) => !isPassed).length,
    cells: [...groups.values()].flatMap((of) => {
      const [first] = of;
      if (first === undefined) return [];
      return {
        role: first.role,
        phase: first.phase,
        runs: of.length,
        passed: of.filter(({ isPassed }) => isPassed).length,
        recoveryMsP50: percentile(times(of), 0.5),
        recoveryMsP95: percentile(times(of), 0.95),
        samplesLost: of.reduce((sum, { samplesLost }) => sum + samplesLost, 0),
        samplesRepeated: of.reduce((sum, { samplesRepeated }) => sum + samplesRepeated, 0),
        faults: of.flatMap(({ faults, seed }) => faults.map((fault) => `seed ${seed}: ${fault}`)),
      };
    }),
    recoveryByRole: Object.fromEntries(
      [...grouped(results, ({ role }) => role)].map(([role, of]) => [
        role,
        { p50Ms: percentile(times(of), 0.5), p95Ms: percentile(times(of), 0.95) },
      ]),
    ),
  };
}

function grouped(
  results: readonly CellResult[],
  keyOf: (result: CellResult) => string,
): ReadonlyMap<string, readonly CellResult[]> {
  const groups = new Map<string, CellResult[]>();
  for (const result of results) groups.set(keyOf(result), [...(groups.get(keyOf(result)) ?? []), result]);
  return groups;
}
