import { cp, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { CommandError, runCommand } from '#provision';
import { cacheKey } from './binding-layout.js';
import type { BindingSource } from './binding-source.js';

const BINDING_VERSION = '4.22.0';
/** Where the package's install script fetches from; asked first, because the script waits for a closed network for ever. */
const HOST = 'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
const REACH_TIMEOUT_MS = 5_000;
const INSTALL_TIMEOUT_MS = 600_000;

/** Settings under which the script goes elsewhere or through a proxy, so that asking the host directly says nothing. */
const REROUTES = ['TFJS_NODE_CDN_STORAGE', 'CDN_STORAGE', 'TFJS_NODE_BASE_URI', 'HTTPS_PROXY', 'https_proxy'];

/** The binding and library that the package's own install script downloads: libtensorflow 2.9.1 for CPUs. */
export function publishedSource(): BindingSource {
  return {
    name: 'the published binding',
    key: cacheKey(`published-${BINDING_VERSION}`),
    description: `libtensorflow as published with tfjs-node ${BINDING_VERSION}`,
    fill: async (folder, { packageDirectory, progress, signal }) => {
      await assertReachable(signal);
      progress.info('downloading the published TensorFlow binding (some 100 MB)');
      for (const part of ['scripts', 'binding', 'binding.gyp', 'package.json']) {
        await cp(join(packageDirectory, part), join(folder, part), { recursive: true });
      }
      const modules = join(packageDirectory, '..', '..');
      try {
        await runCommand(process.execPath, ['scripts/install.js', 'cpu', 'download'], {
          cwd: folder,
          timeoutMs: INSTALL_TIMEOUT_MS,
          env: {
            ...process.env,
            NODE_PATH: modules,
            PATH: `${join(modules, '.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
          },
          ...(signal ? { signal } : {}),
        });
      } catch (cause) {
        const tail = cause instanceof CommandError ? cause.tail.trim().split('\n').at(-1) : undefined;
        throw new Error(`its install script failed${tail ? `: ${tail}` : ''}`, { cause });
      }
      for (const part of ['scripts', 'binding', 'binding.gyp', 'build', 'package.json', 'deps/include']) {
        await rm(join(folder, part), { recursive: true, force: true });
      }
    },
  };
}

async function assertReachable(signal: AbortSignal | undefined): Promise<void> {
  if (REROUTES.some((name) => process.env[name])) return;
  const timeout = AbortSignal.timeout(REACH_TIMEOUT_MS);
  let status: number;
  try {
    const response = await fetch(HOST, {
      method: 'HEAD',
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
    status = response.status;
  } catch (cause) {
    throw new Error(`${new URL(HOST).host} is not reached from here`, { cause });
  }
  if (status >= 400) throw new Error(`${new URL(HOST).host} answered ${status}`);
}
