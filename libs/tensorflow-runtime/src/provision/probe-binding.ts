import { CommandError, runCommand } from '#provision';
import { z } from 'zod';
import { bindingPackageDirectory, nativePaths } from './binding-layout.js';

const probeSchema = z.object({ version: z.string(), usesGpu: z.boolean() });

/** What a binding says about itself once loaded. */
export type BindingProbe = Readonly<z.infer<typeof probeSchema>>;

/** Loading maps 0.9 GB and, on a GPU, sets up CUDA: seconds, on a cold disk more. */
const PROBE_TIMEOUT_MS = 120_000;

const SCRIPT = `
try {
  const binding = require(process.argv[1]);
  console.log(JSON.stringify({ version: binding.TF_Version, usesGpu: binding.isUsingGpuDevice() }));
} catch (error) {
  console.error(error.message.split('\\n')[0]);
  process.exit(1);
}
`;

/**
 * Loads a binding in a process of its own, so that a broken library cannot take the caller with it.
 * @throws CommandError if it cannot be loaded; its tail holds the loader's words.
 */
export async function probeBinding(bindingFile: string, env?: NodeJS.ProcessEnv): Promise<BindingProbe> {
  const output = await runCommand(process.execPath, ['-e', SCRIPT, bindingFile], {
    timeoutMs: PROBE_TIMEOUT_MS,
    // A probe must not take the memory of a GPU that others train on.
    env: { ...process.env, ...env, TF_CPP_MIN_LOG_LEVEL: '3', TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
  });
  return probeSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
}

/**
 * What the linked TensorFlow says about itself in this process' environment with `env` added, or in words why it cannot
 * be loaded. This process does not load it.
 */
export async function probeTensorflow(env?: NodeJS.ProcessEnv): Promise<BindingProbe | string> {
  try {
    return await probeBinding(nativePaths(bindingPackageDirectory()).binding, env);
  } catch (error) {
    return `TensorFlow does not load (\`skiplane provision\` gets it): ${probeFault(error)}`;
  }
}

/** Why a probe failed: the loader's words, where it has any. */
export function probeFault(error: unknown): string {
  const words = error instanceof CommandError ? error.tail.trim().split('\n').at(-1) : '';
  return words || (error instanceof Error ? error.message : String(error));
}
