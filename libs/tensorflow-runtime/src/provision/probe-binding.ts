import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, runCommand } from '#provision';
import { z } from 'zod';
import { encodeSavedModel, floatScalar, GraphBuilder, tensorSpec } from '#tensorflow-graph';
import { writeSavedModel } from '../saved-model-folder.js';
import { bindingPackageDirectory, nativePaths } from './binding-layout.js';

const probeSchema = z.object({
  version: z.string(),
  usesGpu: z.boolean(),
  /** Why it does not place operations on devices that it was asked for, in TensorFlow's words; null: it does. */
  refusal: z.string().nullable(),
});

/** What a binding says about itself once loaded. */
export type BindingProbe = Readonly<z.infer<typeof probeSchema>>;

/** Loading maps 0.9 GB and, on a GPU, sets up CUDA: seconds, on a cold disk more. */
const PROBE_TIMEOUT_MS = 120_000;

const SCRIPT = `
try {
  const [, file, graph] = process.argv;
  const binding = require(file);
  let refusal = null;
  try {
    if (graph) binding.loadSavedModel(graph, 'serve');
  } catch (error) {
    refusal = error.message.split('\\n')[0];
  }
  console.log(JSON.stringify({ version: binding.TF_Version, usesGpu: binding.isUsingGpuDevice(), refusal }));
} catch (error) {
  console.error(error.message.split('\\n')[0]);
  process.exit(1);
}
`;

/**
 * Loads a binding in a process of its own, so that a broken library cannot take the caller with it.
 * @throws CommandError if it cannot be loaded; its tail holds the loader's words.
 */
export async function probeBinding(
  bindingFile: string,
  env?: NodeJS.ProcessEnv,
  ...graph: readonly string[]
): Promise<BindingProbe> {
  const output = await runCommand(process.execPath, ['-e', SCRIPT, bindingFile, ...graph], {
    timeoutMs: PROBE_TIMEOUT_MS,
    // A probe must not take the memory of a GPU that others train on.
    env: { ...process.env, ...env, TF_CPP_MIN_LOG_LEVEL: '3', TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
  });
  return probeSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
}

/**
 * What the linked TensorFlow says about itself in this process' environment with `env` added, or in words why it cannot
 * be loaded. This process does not load it.
 * @param devices where it is to place operations, as it names them; default: not tried
 */
export async function probeTensorflow(
  env?: NodeJS.ProcessEnv,
  devices: readonly string[] = [],
): Promise<BindingProbe | string> {
  const { binding } = nativePaths(bindingPackageDirectory());
  try {
    if (devices.length === 0) return await probeBinding(binding, env);
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-probe-'));
    try {
      writeSavedModel(folder, graphOn(devices));
      return await probeBinding(binding, env, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    return `TensorFlow does not load (\`skiplane provision\` gets it): ${probeFault(error)}`;
  }
}

/** A graph that no TensorFlow loads that has not all these devices. */
function graphOn(devices: readonly string[]): Uint8Array {
  const graph = new GraphBuilder();
  const constants = devices.map((device, index) => graph.onDevice(device, () => floatScalar(graph, index)));
  const outputs = Object.fromEntries(constants.map((tensor, index) => [String(index), tensorSpec(tensor, [])]));
  return encodeSavedModel(graph, { run: { inputs: {}, outputs } });
}

/** Why a probe failed: the loader's words, where it has any. */
export function probeFault(error: unknown): string {
  const words = error instanceof CommandError ? error.tail.trim().split('\n').at(-1) : '';
  return words || (error instanceof Error ? error.message : String(error));
}
