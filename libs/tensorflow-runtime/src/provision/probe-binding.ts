import { runCommand } from '#provision';
import { z } from 'zod';

const probeSchema = z.object({ version: z.string(), usesGpu: z.boolean() });

/** What a binding says about itself once loaded. */
export type BindingProbe = Readonly<z.infer<typeof probeSchema>>;

/** Loading maps 0.9 GB and, on a GPU, sets up CUDA: seconds, on a cold disk more. */
const PROBE_TIMEOUT_MS = 120_000;

const SCRIPT = `
const binding = require(process.argv[1]);
console.log(JSON.stringify({ version: binding.TF_Version, usesGpu: binding.isUsingGpuDevice() }));
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
