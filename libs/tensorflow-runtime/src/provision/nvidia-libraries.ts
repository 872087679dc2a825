import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadWheel, runCommand, type PinnedWheel, type ProvisionProgress, type Python } from '#provision';

const DOWNLOAD_TIMEOUT_MS = 1_200_000;
const INSTALL_TIMEOUT_MS = 600_000;

/**
 * Puts CUDA, cuDNN and NCCL as NVIDIA's wheels ship them (some 3 GB) at `deps/nvidia`, where the library's own rpath
 * `$ORIGIN/../nvidia/*\/lib` finds them. Each wheel is kept until all are unpacked: what
 * failed starts from them the next time.
 */
export async function installNvidiaLibraries(options: {
  readonly python: Python;
  readonly wheels: readonly PinnedWheel[];
  readonly folder: string;
  readonly downloadDirectory: string;
  readonly progress: ProvisionProgress;
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { python, wheels, folder, downloadDirectory, progress, signal } = options;
  const stopping = signal ? { signal } : {};
  const totalMb = Math.round(wheels.reduce((total, { sizeBytes }) => total + sizeBytes, 0) / 1e6);
  progress.info(`fetching ${wheels.length} NVIDIA libraries (${totalMb} MB)`);
  const files: string[] = [];
  for (const wheel of wheels) {
    const download = { python, directory: downloadDirectory, progress, timeoutMs: DOWNLOAD_TIMEOUT_MS, ...stopping };
    files.push(await downloadWheel(wheel, download));
  }
  progress.info('unpacking the NVIDIA libraries');
  const target = join(folder, 'site-packages');
  await mkdir(target);
  const [program, ...first] = python.pip;
  // Unlike a plain unzip pip keeps the mode of programs, such as the assembler that XLA calls.
  const args = ['install', '--no-deps', '--no-index', '--no-input', '--no-compile', '--target', target, ...files];
  await runCommand(program, [...first, ...args], {
    timeoutMs: INSTALL_TIMEOUT_MS,
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    ...stopping,
  });
  await rename(join(target, 'nvidia'), join(folder, 'deps', 'nvidia'));
  await rm(target, { recursive: true });
  await Promise.all(files.map((file) => rm(file)));
}
