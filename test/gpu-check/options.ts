import { NVIDIA_WHEELS } from '#tensorflow-runtime';
import { z } from 'zod';
import { readOptions } from '../support/read-options.js';
import { PARTS } from './parts.js';

const HELP = `npm run gpu-check -- [options]
node dist/test/gpu-check/main.js [options]      without npm, where everything is built and provisioned

Checks on a machine with a GPU, without a network, what the tests check on a CPU. Every part passes, fails, or is skipped
with the reason:

${PARTS.map(({ name, title }) => `  ${name.padEnd(16)}${title}`).join('\n')}

  --device D            auto (the GPU with the most memory free), index or UUID of one, or cpu (default auto)
  --small               on a GPU the small sizes of a CPU: ResNet-20 at 16 pixels instead of ResNet-50 at 224
  --only A,B            some of the parts
  --peer PYTHON         an interpreter or virtual environment with torch (default: python3 on the PATH)
  --json                one JSON line last on standard output
  --pack DIR            checks nothing: makes what a machine without a network needs, see test/gpu-check/README.md
  --cuda A,B            for --pack: more of NVIDIA's wheels to carry, such as nvidia-cublas-cu12
  --help

Exit codes: 0 nothing failed, 1 something did, 2 bad usage or no such device, 130 interrupted. Progress goes to stderr.`;

const NAMES = PARTS.map(({ name }) => name);
const NVIDIA_NAMES = NVIDIA_WHEELS.map(({ project }) => project);

/** Names with commas between. */
const listOf = (flag: string, known: readonly string[]) =>
  z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .refine((names) => names.every((name) => known.includes(name)), `${flag}: expected some of ${known.join(', ')}`);

const optionsSchema = z.object({
  device: z
    .string()
    .regex(/^(auto|cpu|\d+(:\d+)?|(GPU|MIG)-[\w/-]+)$/, '--device: expected auto, cpu, or the index or UUID of a GPU')
    .default('auto'),
  only: listOf('--only', NAMES).default([...NAMES]),
  peer: z.string().optional(),
  small: z.boolean().default(false),
  json: z.boolean().default(false),
  pack: z.string().optional(),
  cuda: listOf('--cuda', NVIDIA_NAMES).default([]),
});
export type GpuCheckOptions = z.infer<typeof optionsSchema>;

/** Null, with the exit code set, where there is nothing more to do. */
export const readGpuCheckOptions = (args: string[]): GpuCheckOptions | null =>
  readOptions(args, { help: HELP, schema: optionsSchema });
