import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../../apps/cli/src/local-stack/package-root.js';
import type { Placement } from './placement-table.js';

const tableSchema = z.object({ kernels: z.record(z.string(), z.unknown()) });

/** Kinds of operations that have a GPU kernel by the table of `test/gpu-kernels`, and yet none of them is on the GPU. */
export function strayed(placements: readonly Placement[]): readonly string[] {
  const file = join(packageRoot(), 'test', 'gpu-kernels', 'kernels.json');
  const { kernels } = tableSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return placements
    .filter(({ operation, devices }) => operation in kernels && !devices.includes('gpu'))
    .map(({ operation }) => operation);
}
