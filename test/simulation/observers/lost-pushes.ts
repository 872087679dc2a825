import type { World } from '../world/world.js';

/**
 * Pushes that a live worker keeps because their round is not committed, and that the live servers together do not have:
 * in a run that stands still these are what it waits for.
 */
export function lostPushes(world: World): string[] {
  const tables = [...world.tables].filter(({ process }) => process.isAlive);
  return [...world.kept]
    .filter(({ process }) => process.isAlive)
    .flatMap(({ process, uncommitted }) =>
      uncommitted.flatMap(({ round, node, vector, filled }) => {
        // What its worker computes no more of comes from somebody else.
        if (!filled.covers({ lo: 0, hi: vector.length })) return [];
        const ranges = new Map(tables.flatMap((table) => [...table.rangesOf(round, node)]));
        const numThere = [...ranges].reduce((sum, [lo, hi]) => sum + hi - lo, 0);
        if (numThere >= vector.length) return [];
        return [
          `${process.name} keeps its push of round ${round}, lanes ${node.lo} to ${node.hi - 1}: no server has it`,
        ];
      }),
    );
}
