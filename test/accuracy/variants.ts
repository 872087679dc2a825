import type { RunSpec } from '#contracts';

/** What is compared: the demo's run, in fp32 and all samples mixed, but for what a row changes. */
const VARIANTS = {
  fp32: (spec) => spec,
  bf16: (spec) => ({ ...spec, precision: 'bf16' }),
  blocks: (spec) => ({ ...spec, dataset: { ...spec.dataset, shuffle: 'blocks' } }),
} satisfies Record<string, (spec: RunSpec) => RunSpec>;

export type Variant = keyof typeof VARIANTS;

export const VARIANT_NAMES = Object.keys(VARIANTS) as Variant[];

export function specOfVariant(variant: Variant, spec: RunSpec): RunSpec {
  return VARIANTS[variant](spec);
}
