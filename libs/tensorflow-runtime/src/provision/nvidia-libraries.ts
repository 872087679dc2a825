import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOnPath, runCommand, type ProvisionProgress, type Python } from '#provision';

const INSTALL_TIMEOUT_MS = 2_400_000;
const SMI_TIMEOUT_MS = 15_000;

/** Names of the NVIDIA GPUs that the driver shows, in its order; empty without a driver. */
export async function listGpus(): Promise<string[]> {
  const smi = await commandOnPath(['nvidia-smi']);
  if (smi === undefined) return [];
  const output = await runCommand(smi, ['-L'], { timeoutMs: SMI_TIMEOUT_MS }).catch(() => '');
  return output.split('\n').flatMap((line) => /^GPU \d+: (.*?)(?: \(UUID.*)?$/.exec(line)?.[1] ?? []);
}

/** Reads which NVIDIA wheels the extra `and-cuda` of a TensorFlow wheel asks for. */
const REQUIREMENTS_SCRIPT = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    name = next(n for n in archive.namelist() if n.endswith('.dist-info/METADATA'))
    for line in archive.read(name).decode().splitlines():
        if line.startswith('Requires-Dist: nvidia-') and 'and-cuda' in line:
            print(line[len('Requires-Dist: '):].split(';')[0].strip())
`;

/**
 * Puts CUDA, cuDNN and NCCL as NVIDIA's wheels ship them (some 3 GB) at `deps/nvidia`, where the library's own rpath
 * `$ORIGIN/../nvidia/*\/lib` finds them. pip checks each against its index.
 */
export async function installNvidiaLibraries(options: {
  readonly python: Python;
  readonly wheel: string;
  readonly folder: string;
  readonly progress: ProvisionProgress;
}): Promise<void> {
  const { python, wheel, folder, progress } = options;
  const output = await runCommand(python.command, ['-c', REQUIREMENTS_SCRIPT, wheel], { timeoutMs: SMI_TIMEOUT_MS });
  const requirements = output.split('\n').filter((line) => line !== '');
  if (requirements.length === 0) throw new Error(`${wheel} names no NVIDIA libraries`);
  progress.info(`fetching ${requirements.length} NVIDIA libraries (some 3 GB)`);
  const target = join(folder, 'site-packages');
  await mkdir(target);
  const [program, ...first] = python.pip;
  const args = ['install', '--no-deps', '--only-binary=:all:', '--no-input', '--no-compile', '--target', target];
  await runCommand(program, [...first, ...args, ...requirements], {
    timeoutMs: INSTALL_TIMEOUT_MS,
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
  await rename(join(target, 'nvidia'), join(folder, 'deps', 'nvidia'));
  await rm(target, { recursive: true });
}
