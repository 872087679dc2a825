import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RefusedInputError } from '#contracts';
import type { BenchContext } from './bench-group.js';
import { describeMachine, describeVersions, type BenchResult } from './bench-result.js';
import { compareInTurn, type Row } from './compare-in-turn.js';
import { GROUPS } from './groups.js';

export interface BenchOptions extends Omit<BenchContext, 'folder'> {
  /** Beginnings of ids of rows; empty: all. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly limitMs: number;
}

/** Measures the rows that are asked for. */
export async function measureBench({ only, rounds, limitMs, ...given }: BenchOptions): Promise<BenchResult> {
  const begun = new Date();
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-bench-'));
  const context = { ...given, folder };
  try {
    const rows = chosenRows(
      GROUPS.flatMap((group) => group.rows(context)),
      only,
    );
    const machine = await describeMachine(context.device);
    const versions = await describeVersions(context);
    for (const group of GROUPS) {
      if (rows.some(({ id }) => isOf(id, group.name))) await group.prepare?.(context);
    }
    const spentMs = Date.now() - begun.getTime();
    const compared = await compareInTurn(rows, { rounds, limitMs: limitMs - spentMs, note: context.note });
    const seconds = (Date.now() - begun.getTime()) / 1000;
    return { version: 1, at: begun.toISOString(), seconds, machine, versions, rows: compared };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** `step/resnet50` is the beginning of `step/resnet50/2x8/bf16`, `step/res` is not. */
const isOf = (id: string, beginning: string): boolean => `${id}/`.startsWith(`${beginning}/`);

/** @throws RefusedInputError that names every beginning with no row, and the rows that there are */
export function chosenRows(rows: readonly Row[], only: readonly string[]): readonly Row[] {
  const unknown = only.filter((beginning) => !rows.some(({ id }) => isOf(id, beginning)));
  if (unknown.length > 0) {
    const known = rows.map(({ id }) => id).join(', ');
    throw new RefusedInputError(
      `there are no such rows; there are ${known}`,
      unknown.map((beginning) => ({ path: '--only', message: `no row begins with ${beginning}` })),
    );
  }
  return only.length === 0 ? rows : rows.filter(({ id }) => only.some((beginning) => isOf(id, beginning)));
}
