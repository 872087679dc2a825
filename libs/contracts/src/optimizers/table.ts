import { z } from 'zod';
import { adamw } from './adamw.js';
import { lamb } from './lamb.js';
import { sgd } from './sgd.js';
import type { UpdateRule } from './update-rule.js';

/** Every optimiser, by the `kind` of a run's spec. */
export const OPTIMIZERS = { sgd, adamw, lamb } as const;

/** How gradients become steps. Without `kind`: SGD. */
export const optimizerSchema = z.discriminatedUnion('kind', [sgd.schema, adamw.schema, lamb.schema], {
  error: ({ code }) => (code === 'invalid_union' ? `must be one of ${Object.keys(OPTIMIZERS).join(', ')}` : undefined),
});
export type OptimizerSettings = z.output<typeof optimizerSchema>;

/** An optimiser with its settings. */
export interface ChosenOptimizer {
  readonly slots: readonly string[];
  readonly rule: UpdateRule;
}

/** The optimiser that these settings choose. */
export function chosenOptimizer(settings: OptimizerSettings): ChosenOptimizer {
  const row: { slots: readonly string[]; ruleOf(settings: OptimizerSettings): UpdateRule } = OPTIMIZERS[settings.kind];
  return { slots: row.slots, rule: row.ruleOf(settings) };
}
