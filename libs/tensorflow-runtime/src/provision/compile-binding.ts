import { access, cp, mkdir, rm, symlink } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CommandError, runCommand, type Python } from '#provision';
import { nativePaths } from './binding-layout.js';

export interface CompileOptions {
  /** Holds `deps/lib` and `deps/include`; receives `lib/napi-v8/tfjs_binding.node`. */
  readonly folder: string;
  readonly packageDirectory: string;
  readonly python: Python;
  readonly signal?: AbortSignal;
}

const COMPILE_TIMEOUT_MS = 600_000;
const HEADERS_TIMEOUT_MS = 120_000;

/**
 * Compiles the package's unchanged C++ sources in a copy of their own, so that `node_modules` stays as npm left it and
 * two checkouts do not meet.
 */
export async function compileBinding(options: CompileOptions): Promise<void> {
  const { folder, packageDirectory, python } = options;
  const build = join(folder, 'build');
  await mkdir(build);
  for (const part of ['binding', 'binding.gyp', 'package.json']) {
    await cp(join(packageDirectory, part), join(build, part), { recursive: true });
  }
  await symlink(join('..', 'deps'), join(build, 'deps'));
  const headers = await nodeHeaders(build);
  const { binding } = nativePaths(folder);
  const gyp = join(dirname(createRequire(import.meta.url).resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');
  const args = [gyp, 'rebuild', `--python=${python.command}`, ...(headers ? [`--nodedir=${headers}`] : [])];
  args.push('--module_name=tfjs_binding', `--module_path=${dirname(binding)}`);
  args.push(`--napi_build_version=${/napi-v(\d+)/.exec(binding)?.[1] ?? '8'}`);
  try {
    await runCommand(process.execPath, args, {
      cwd: build,
      timeoutMs: COMPILE_TIMEOUT_MS,
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (cause) {
    throw new Error(`the binding did not compile: ${lastLines(cause)}`, { cause });
  }
  await rm(build, { recursive: true });
}

/**
 * A folder with `include/node/node_api.h` of the running Node: its own prefix, else the npm package that carries every
 * version's headers, else undefined, and node-gyp fetches them from nodejs.org itself.
 */
async function nodeHeaders(scratch: string): Promise<string | undefined> {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  if (await hasHeaders(prefix)) return prefix;
  const version = process.version.slice(1);
  const folder = join(scratch, 'node-headers');
  try {
    await mkdir(folder);
    const spec = `node-${process.platform}-${process.arch}@${version}`;
    const pack = ['pack', '--silent', '--pack-destination', folder, spec];
    const file = await runCommand('npm', pack, { cwd: folder, timeoutMs: HEADERS_TIMEOUT_MS });
    const archive = file.trim().split('\n').at(-1) ?? '';
    await runCommand('tar', ['-xzf', archive, 'package/include'], { cwd: folder, timeoutMs: HEADERS_TIMEOUT_MS });
  } catch {
    return undefined;
  }
  const unpacked = join(folder, 'package');
  return (await hasHeaders(unpacked)) ? unpacked : undefined;
}

async function hasHeaders(prefix: string): Promise<boolean> {
  return await access(join(prefix, 'include', 'node', 'node_api.h')).then(
    () => true,
    () => false,
  );
}

function lastLines(error: unknown): string {
  if (!(error instanceof CommandError)) return String(error);
  return `${error.message}\n${error.tail.trim().split('\n').slice(-8).join('\n')}`;
}
