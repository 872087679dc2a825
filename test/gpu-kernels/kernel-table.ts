import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { GraphNode } from './saved-graph.js';

const tableSchema = z.strictObject({
  tensorflow: z.string(),
  wheel: z.string(),
  sha256: z.string(),
  /** Kernels that fail where `TF_DETERMINISTIC_OPS=1` is set, as the library says it. */
  refused: z.array(
    z.strictObject({ operation: z.string(), when: z.record(z.string(), z.boolean()).optional(), says: z.string() }),
  ),
  /** By operation: what types a GPU kernel takes, and which of its arguments lie in the host's memory. */
  kernels: z.record(
    z.string(),
    z.array(
      z.strictObject({
        types: z.record(z.string(), z.array(z.string())),
        host: z.array(z.string()).optional(),
      }),
    ),
  ),
});

/** What `kernel_table.py` read out of the pinned library. */
export const KERNEL_TABLE = tableSchema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'kernels.json'), 'utf8')),
);

/** Why a node of a graph would not run on a GPU that has to give the same bits each time; undefined: it runs. */
export function gpuFault({ operation, types, flags }: GraphNode): string | undefined {
  const kernels = KERNEL_TABLE.kernels[operation];
  const asked = Object.entries(types).map(([name, of]) => `${name} ${of.join(' and ')}`);
  const node = `${operation} (${asked.join(', ')})`;
  if (kernels === undefined) return `${node}: no GPU kernel at all`;
  const isTaken = kernels.some((kernel) =>
    Object.entries(kernel.types).every(([name, allowed]) => types[name]?.every((type) => allowed.includes(type))),
  );
  if (!isTaken) return `${node}: no GPU kernel for these types`;
  const refusal = KERNEL_TABLE.refused.find(
    ({ operation: refused, when = {} }) =>
      refused === operation && Object.entries(when).every(([name, value]) => flags[name] === value),
  );
  return refusal && `${node}: refused where bits have to be the same: ${refusal.says}`;
}
