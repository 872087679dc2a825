import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile } from '#files';
import { ChecksumError } from './checksum.js';
import type { ProvisionProgress } from './progress.js';
import type { Python } from './python.js';
import { runCommand } from './run-command.js';

/** One published wheel, pinned to its bytes. */
export interface PinnedWheel {
  readonly project: string;
  readonly version: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** pip's names of what it is for, whatever Python fetches it: `311` and `manylinux_2_27_x86_64`. */
  readonly pythonVersion: string;
  readonly platform: string;
}

export interface DownloadOptions {
  readonly python: Python;
  /** Wheels are kept here: what failed later starts from the file next time. */
  readonly directory: string;
  readonly progress: ProvisionProgress;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const PROGRESS_MS = 500;
const EXTRACT_TIMEOUT_MS = 300_000;

/**
 * The wheel's file, from `directory` if it is there, else fetched by pip, which is told the pinned hash and knows the
 * machine's mirrors, proxies and certificates.
 * @throws ChecksumError if the bytes are not the pinned ones, CommandError if pip fails.
 */
export async function downloadWheel(wheel: PinnedWheel, options: DownloadOptions): Promise<string> {
  const target = join(options.directory, wheel.fileName);
  const found = await stat(target).catch(() => undefined);
  if (found !== undefined) {
    if ((await sha256OfFile(target)) === wheel.sha256) return target;
    options.progress.warn(`${target} is not the pinned wheel any more; fetching it again`);
    await rm(target, { force: true });
  }
  await mkdir(options.directory, { recursive: true });
  const partial = await mkdtemp(join(options.directory, '.download-'));
  const label = `downloading ${wheel.fileName}`;
  options.progress.bytes(label, 0, wheel.sizeBytes);
  // pip shows no progress to a pipe, so the growth of its temporary folder is watched. It is there when pip has ended.
  const timer = setInterval(() => {
    folderBytes(partial).then(
      (bytes) => options.progress.bytes(label, Math.min(bytes, wheel.sizeBytes - 1), wheel.sizeBytes),
      () => {},
    );
  }, PROGRESS_MS);
  try {
    await runPipDownload(wheel, partial, options);
    const file = join(partial, wheel.fileName);
    const sha256 = await sha256OfFile(file);
    if (sha256 !== wheel.sha256) {
      throw new ChecksumError(`${wheel.fileName} has SHA-256 ${sha256}, expected ${wheel.sha256}`);
    }
    await rename(file, target);
    options.progress.bytes(label, wheel.sizeBytes, wheel.sizeBytes);
    return target;
  } finally {
    clearInterval(timer);
    await rm(partial, { recursive: true, force: true });
  }
}

async function runPipDownload(wheel: PinnedWheel, folder: string, options: DownloadOptions): Promise<void> {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const [program, ...first] = options.python.pip;
  const args = ['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-input'];
  const which = ['--python-version', wheel.pythonVersion, '--platform', wheel.platform];
  await runCommand(program, [...first, ...args, ...which, '-d', folder, '-r', requirements], {
    timeoutMs: options.timeoutMs,
    env: { ...process.env, TMPDIR: folder, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
    ...(options.signal ? { signal: options.signal } : {}),
  });
}

/** Unpacks the members whose name begins with one of `prefixes`, and fails if a prefix matches nothing. */
const EXTRACT_SCRIPT = `
import sys, zipfile
wheel, into, prefixes = sys.argv[1], sys.argv[2], sys.argv[3:]
with zipfile.ZipFile(wheel) as archive:
    names = archive.namelist()
    for prefix in prefixes:
        matching = [name for name in names if name.startswith(prefix)]
        if not matching:
            sys.exit('the wheel has nothing named ' + prefix)
        for name in matching:
            archive.extract(name, into)
`;

/** Unpacks parts of a wheel; the parts' paths are kept. The wheel's own CRCs are checked on the way. */
export async function extractFromWheel(
  python: Python,
  wheel: string,
  prefixes: readonly string[],
  into: string,
): Promise<void> {
  await runCommand(python.command, ['-c', EXTRACT_SCRIPT, wheel, into, ...prefixes], { timeoutMs: EXTRACT_TIMEOUT_MS });
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
