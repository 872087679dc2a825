import type { z } from 'zod';
import type { BlockTable } from './block-table.js';
import type { gateSchema } from './gate.schema.js';

export const SHORTCUTS = ['A', 'B', 'C'] as const;
export type Shortcut = (typeof SHORTCUTS)[number];
export const SHORTCUT_CHOICES = [...SHORTCUTS, 'none'] as const;
export const SHORTCUT_PADDINGS = ['after', 'both'] as const;
export const BOTTLENECK_VARIANTS = ['v1', 'v1.5'] as const;
export const KERNEL_INITS = ['fan-out', 'fan-in'] as const;
export const HEAD_INITS = ['uniform', 'normal', 'fan-in'] as const;

/** The fields of a model that only some networks have; `modelSchema` says what they mean. */
export interface ModelChoices {
  readonly architecture: string;
  readonly blocks?: BlockTable | undefined;
  readonly shortcut?: (typeof SHORTCUT_CHOICES)[number] | undefined;
  readonly shortcutPadding?: (typeof SHORTCUT_PADDINGS)[number] | undefined;
  readonly skipSpan?: number | undefined;
  readonly gate?: z.infer<typeof gateSchema> | undefined;
  readonly nestedShortcuts?: boolean | undefined;
  readonly variant?: (typeof BOTTLENECK_VARIANTS)[number] | undefined;
  readonly zeroInitResidual?: boolean | undefined;
}
