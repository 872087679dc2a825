import { chosenOptimizer, type OptimizerSettings } from '#contracts';
import type { ParameterEntry, VectorLayout } from '#resnet';
import type { UpdateHyperparameters } from '../engine.js';
import { mapValues } from '../named.js';
import type { ReplicaState } from '../state.js';
import { CLIP_EPSILON } from './clip-epsilon.js';
import { portableOperations, type PortableValue } from './portable-operations.js';
import { kindOf } from './weight-decay.js';

/**
 * Clips the gradient where the run does and takes the optimiser's step, in place. `reduced` is a gradient vector. Returns the
 * gradient's norm before it is clipped.
 */
export function updateParameters(
  state: Pick<ReplicaState, 'parameters' | 'slots'>,
  reduced: Float32Array,
  {
    layout,
    optimizer,
    hyperparameters,
  }: {
    readonly layout: VectorLayout;
    readonly optimizer: OptimizerSettings;
    readonly hyperparameters: UpdateHyperparameters;
  },
): number {
  const { rule } = chosenOptimizer(optimizer);
  const scalars = rule.scalars(hyperparameters);
  const squares = reduced.subarray(0, layout.numTrained).reduce((sum, value) => sum + value * value, 0);
  const norm = Math.sqrt(squares);
  const share = optimizer.clipNorm === undefined ? 1 : Math.min(1, optimizer.clipNorm / (norm + CLIP_EPSILON));
  for (const entry of layout.parameters) {
    if (entry.isFrozen) continue;
    const kind = kindOf(entry);
    const weights = partOf(state.parameters, entry);
    const slots = mapValues(state.slots, (slot) => partOf(slot, entry));
    const updated = rule.update<PortableValue>(portableOperations(kind), {
      weights: Float64Array.from(weights),
      gradient: Float64Array.from(partOf(reduced, entry), (value) => share * value),
      decay: optimizer.decayed.includes(kind) ? (scalars['weightDecay'] ?? 0) : 0,
      slots: mapValues(slots, (slot) => Float64Array.from(slot)),
      scalars,
    });
    store(weights, updated.weights);
    for (const [name, slot] of Object.entries(slots)) store(slot, updated.slots[name]);
  }
  return norm;
}

const partOf = (vector: Float32Array, { offset, length }: ParameterEntry): Float32Array =>
  vector.subarray(offset, offset + length);

function store(target: Float32Array, value: PortableValue | undefined): void {
  if (!(value instanceof Float64Array)) throw new Error('an update rule gave no number for each element');
  target.set(value);
}
