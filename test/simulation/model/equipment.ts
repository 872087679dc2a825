import type { SimulatedProcess } from '../world/simulated-process.js';
import type { RunShape } from './run-shape.js';
import type { Witness } from './witness.js';

/** What a worker's machine has. */
export interface Equipment {
  readonly shape: RunShape;
  readonly witness: Witness;
  /** How many times slower than others it computes. */
  readonly slowness: number;
}

const equipment = new WeakMap<SimulatedProcess, Equipment>();

export function equip(process: SimulatedProcess, given: Equipment): void {
  equipment.set(process, given);
}

export function equipmentOf(process: SimulatedProcess): Equipment {
  const held = equipment.get(process);
  if (held === undefined) throw new Error(`${process.name} is no worker`);
  return held;
}
