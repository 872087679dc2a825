import { cpus } from 'node:os';
import { growthOf, growthTable, holds, type Figure } from './figure.js';

/** Prints the table of growth and what was not held, and with `json` one line of all. Returns the exit code: 1 where something was not held. */
export function reportFigures(figures: readonly Figure[], { json }: { readonly json: boolean }): number {
  const growth = growthOf(figures);
  console.error(growthTable(growth, figures));
  const faults = [
    ...figures
      .filter((figure) => !holds(figure))
      .map(({ what, size, value, unit, goal }) => `${what} at ${size}: ${value.toFixed(1)} ${unit}, goal ${goal}`),
    ...growth.filter(({ isLinear }) => !isLinear).map(({ what }) => `${what}: grows worse than linearly`),
  ];
  for (const fault of faults) console.error(`not held: ${fault}`);
  if (json)
    console.log(JSON.stringify({ machine: { cores: cpus().length, node: process.version }, figures, growth, faults }));
  return faults.length === 0 ? 0 : 1;
}
