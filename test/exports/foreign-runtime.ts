import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ExportedFile } from '#export';

/** A model as files and what it is fed. */
export interface ForeignJob {
  readonly files: readonly ExportedFile[];
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

const answersSchema = z.array(
  z.object({
    logits: z.array(z.number()),
    probabilities: z.array(z.number()),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
);
type ForeignAnswer = z.infer<typeof answersSchema>[number];

const TIMEOUT_MS = 180_000;

/** Writes an export into a folder. */
export async function writeExport(folder: string, files: readonly ExportedFile[]): Promise<void> {
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

/**
 * Runs exports with somebody else's program, which sees nothing but the files. A process of its own because the test
 * runner's arrays are of another realm.
 */
export async function runForeign(runtime: 'onnx' | 'tfjs', jobs: readonly ForeignJob[]): Promise<ForeignAnswer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-exports-'));
  try {
    const described = await Promise.all(
      jobs.map(async ({ files, shape, values }, index) => {
        const model = join(folder, String(index));
        await writeExport(model, files);
        return { model: runtime === 'onnx' ? join(model, 'model.onnx') : model, shape, values: [...values] };
      }),
    );
    const jobsFile = join(folder, 'jobs.json');
    await writeFile(jobsFile, JSON.stringify(described));
    const script = fileURLToPath(new URL(`./run-${runtime}.mjs`, import.meta.url));
    const options = { timeout: TIMEOUT_MS, maxBuffer: 64 * 2 ** 20 };
    const { stdout } = await promisify(execFile)(process.execPath, [script, jobsFile], options);
    return answersSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
