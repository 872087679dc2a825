import { join } from 'node:path';
import { z } from 'zod';
import type { CommandDevice } from '../../local-stack/command-device.js';
import { packageRoot } from '../../local-stack/package-root.js';
import { runForJson, type ChildCommand } from '../../local-stack/run-for-json.js';
import type { Measured, Row } from './compare-in-turn.js';

/** The interpreter of a Python environment with PyTorch. */
export interface Peer {
  readonly python: string;
}

/** What rows are made of and measured with. */
export interface BenchContext {
  readonly peer: Peer | null;
  /** What is computed on; borrowed. */
  readonly device: Pick<CommandDevice, 'gpu' | 'env'>;
  /** There for all of the measuring, then removed. */
  readonly folder: string;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Rows of one kind. Adding one adds a file and a line in `groups.ts`. */
export interface BenchGroup {
  /** First part of its rows' ids. */
  readonly name: string;
  /** What is measured, and how, in a sentence or two. */
  readonly about: string;
  /** Measures and prepares nothing. */
  rows(context: BenchContext): readonly Row[];
  /** Makes what its rows need in the context's folder; called once, before the first of them. */
  prepare?(context: BenchContext): Promise<void>;
}

const resultSchema = z.object({ imagesPerSecond: z.number().positive() });

/** Runs a process that prints its images per second last. */
export async function imagesPerSecondOf(child: ChildCommand): Promise<Measured> {
  return { value: (await runForJson(child, resultSchema)).imagesPerSecond };
}

/** One of our scripts of PyTorch (`apps/cli/peers`), to be run by the peer's interpreter. */
export function peerCommand(
  { python }: Peer,
  script: string,
  flags: Readonly<Record<string, string | number>>,
  { device, signal }: Pick<BenchContext, 'device' | 'signal'>,
): ChildCommand {
  const cwd = join(packageRoot(), 'apps', 'cli', 'peers');
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // Nothing is written beside the scripts.
  return { command: python, args: ['-B', join(cwd, script), ...args], cwd, env: device.env, signal };
}
