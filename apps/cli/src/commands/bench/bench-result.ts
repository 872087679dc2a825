import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RefusedInputError } from '#contracts';
import { probeTensorflow } from '#tensorflow-runtime';
import { z } from 'zod';
import { packageRoot } from '../../local-stack/package-root.js';
import { checkCpu } from '../doctor/check-cpu.js';
import type { BenchContext } from './bench-group.js';
import { UNITS } from './compare-in-turn.js';

const figure = z.number();
const factsSchema = z.record(z.string(), figure);

const comparisonSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  unit: z.enum(UNITS),
  value: figure,
  facts: factsSchema,
  rounds: z.int(),
  peers: z.array(z.strictObject({ name: z.string(), value: figure, ratio: figure, facts: factsSchema })).readonly(),
});

/** What `bench --json` prints and `bench --save` writes. */
export const benchResultSchema = z.strictObject({
  version: z.literal(1),
  /** ISO 8601, when the measuring began. */
  at: z.iso.datetime(),
  seconds: figure,
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.int(),
    memoryBytes: z.int(),
    /** Instruction sets that decide about speed. */
    instructions: z.string(),
    system: z.string(),
    gpu: z.string().nullable(),
  }),
  /** By name; PyTorch and torchvision where they were measured. */
  versions: z.record(z.string(), z.string()),
  rows: z.array(comparisonSchema).readonly(),
});
export type BenchResult = z.infer<typeof benchResultSchema>;

/** @throws RefusedInputError where the file is not one that `--save` or `--json` wrote */
export async function readBenchResult(file: string): Promise<BenchResult> {
  try {
    return benchResultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const faults =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
        : [{ path: '--from', message: error instanceof Error ? error.message : String(error) }];
    throw new RefusedInputError(`${file} is not a result of bench`, faults, { cause: error });
  }
}

export async function describeMachine({ gpu }: BenchContext['device']): Promise<BenchResult['machine']> {
  const findings = await checkCpu();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    instructions: findings.find(({ subject }) => subject === 'Instructions')?.detail ?? '',
    system: `${type()} ${release()}`,
    gpu,
  };
}

const PEER_VERSIONS = `
import json, importlib
print(json.dumps({name: importlib.import_module(name).__version__ for name in ("torch", "torchvision")}))`;
const peerVersionsSchema = z.strictObject({ torch: z.string(), torchvision: z.string() });
const PEER_TIMEOUT_MS = 60_000;

/** @throws RefusedInputError where the peer's interpreter lacks PyTorch or torchvision */
export async function describeVersions({ device, peer, signal }: BenchContext): Promise<BenchResult['versions']> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')));
  const tensorflow = await probeTensorflow(device.env);
  return {
    skiplane: version,
    node: process.versions.node,
    tensorflow: typeof tensorflow === 'string' ? tensorflow : tensorflow.version,
    ...(peer && (await peerVersions(peer.python, signal))),
  };
}

async function peerVersions(python: string, signal: AbortSignal): Promise<z.infer<typeof peerVersionsSchema>> {
  try {
    const how = { timeout: PEER_TIMEOUT_MS, signal };
    const { stdout } = await promisify(execFile)(python, ['-c', PEER_VERSIONS], how);
    return peerVersionsSchema.parse(JSON.parse(stdout));
  } catch (error) {
    if (signal.aborted) throw error;
    const why = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
    throw new RefusedInputError('PyTorch cannot be run as the peer', [{ path: '--peer', message: why }], {
      cause: error,
    });
  }
}
