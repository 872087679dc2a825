import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { commandOnPath, downloadWheel, extractFromWheel, findPython, type PinnedWheel, type Python } from '#provision';
import { cacheKey } from './binding-layout.js';
import type { BindingSource } from './binding-source.js';
import { compileBinding } from './compile-binding.js';
import { installNvidiaLibraries } from './nvidia-libraries.js';
import { NVIDIA_PINS, NVIDIA_VERSIONS, NVIDIA_WHEELS } from './nvidia-wheels.js';
import { WHEEL_INCLUDES, WHEEL_LIBRARIES, type BindingVariant } from './tensorflow-wheels.js';

const DOWNLOAD_TIMEOUT_MS = 1_200_000;

/**
 * The current TensorFlow: the library out of its Python wheel, and the package's own C++ sources compiled against it.
 * Needs Python with pip (also by node-gyp), a C++ compiler and make. The wheel is kept until the build has succeeded.
 */
export function wheelSource(
  wheel: PinnedWheel,
  variant: BindingVariant,
  { nvidia = 'install' }: { readonly nvidia?: 'install' | 'elsewhere' } = {},
): BindingSource {
  const isGpu = variant === 'gpu';
  const bringsNvidia = isGpu && nvidia === 'install';
  const name = isGpu ? `${wheel.project}-gpu` : wheel.project;
  return {
    name: `the binding built against the ${wheel.project} ${wheel.version} wheel`,
    key: cacheKey(`${name}-${wheel.version}${isGpu ? `-nvidia-${NVIDIA_PINS}` : ''}`),
    description: `${wheel.project} ${wheel.version} (${variant}) from its Python wheel, binding built on this machine`,
    libraries: bringsNvidia ? NVIDIA_VERSIONS : {},
    fill: async (folder, { packageDirectory, downloadDirectory, progress, signal }) => {
      const python = await requireTools();
      const stopping = signal ? { signal } : {};
      progress.info(`fetching ${wheel.fileName} (${Math.round(wheel.sizeBytes / 1e6)} MB)`);
      const file = await downloadWheel(wheel, {
        python,
        directory: downloadDirectory,
        progress,
        timeoutMs: DOWNLOAD_TIMEOUT_MS,
        ...stopping,
      });
      progress.info('unpacking the TensorFlow library');
      await unpackLibrary(python, file, folder);
      progress.info('compiling the binding (some 15 s)');
      await compileBinding({ folder, packageDirectory, python, ...stopping });
      await rm(join(folder, 'deps', 'include'), { recursive: true });
      if (bringsNvidia) {
        const libraries = { python, wheels: NVIDIA_WHEELS, folder, downloadDirectory, progress, ...stopping };
        await installNvidiaLibraries(libraries);
      }
      await rm(file);
    },
  };
}

async function requireTools(): Promise<Python> {
  const missing: string[] = [];
  const python = await findPython();
  if (typeof python === 'string') missing.push(python);
  if ((await commandOnPath(['c++', 'g++', 'clang++'])) === undefined) missing.push('there is no C++ compiler');
  if ((await commandOnPath(['make', 'gmake'])) === undefined) missing.push('there is no make');
  if (typeof python === 'string' || missing.length > 0) {
    throw new Error(`${missing.join(', ')} (Debian: apt-get install python3 python3-pip g++ make)`);
  }
  return python;
}

/** Puts the wheel's parts where the package's `binding.gyp` and rpath look for them. */
async function unpackLibrary(python: Python, wheel: string, folder: string): Promise<void> {
  const unpacked = join(folder, 'wheel');
  const libraries = WHEEL_LIBRARIES.map((library) => `tensorflow/${library}`);
  await extractFromWheel(python, wheel, [...libraries, ...WHEEL_INCLUDES], unpacked);
  const lib = join(folder, 'deps', 'lib');
  await mkdir(lib, { recursive: true });
  for (const library of WHEEL_LIBRARIES) await rename(join(unpacked, 'tensorflow', library), join(lib, library));
  await rename(join(unpacked, 'tensorflow', 'include'), join(folder, 'deps', 'include'));
  await rm(unpacked, { recursive: true });
  // What `-ltensorflow` and `-ltensorflow_framework` look for; at run time the sonames above are used.
  await symlink('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
  await symlink('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
}
