import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from '#provision';
import type { Component } from './component.js';

/** The largest part, with room to spare where 64 MiB go at a time. */
export const PART_MIB = 56;

const COMPRESS_TIMEOUT_MS = 1_800_000;

/** Names of parts sort in the order in which they belong together: `tensorflow.tar.xz.00`. */
const partsOf = (component: string, names: readonly string[]): string[] =>
  names.filter((name) => new RegExp(`^${component}\\.tar\\.xz\\.\\d+$`).test(name)).sort();

/**
 * A component as parts of an archive compressed with xz, in `folder`. Parts of the same key that are there are kept.
 * @returns the names of the parts
 */
export async function writeParts(
  component: Component,
  folder: string,
  { partMib = PART_MIB, signal }: { readonly partMib?: number; readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> {
  const keyFile = join(folder, `${component.name}.key`);
  const before = partsOf(component.name, await readdir(folder));
  const key = await readFile(keyFile, 'utf8').catch(() => null);
  if (key !== null && key === component.key && before.length > 0) return before;
  for (const name of [...before, `${component.name}.key`]) await rm(join(folder, name), { force: true });
  const script = `set -o pipefail; to=$1 out=$2 size=$3; shift 3; tar "$@" | xz -3 -T0 | split -b "\${size}M" -d - "$out"`;
  const left = component.without.map((pattern) => `--exclude=${pattern}`);
  // The same files give the same bytes; times survive to the nanosecond, as the cache's manifests have them.
  const tar = ['--format=posix', '--sort=name', '--owner=0', '--group=0', '--pax-option=delete=atime,delete=ctime'];
  const place = [`--transform=flags=rSh;s,^\\(\\./\\)*,${component.to}/,`, '-C', component.from];
  const out = join(folder, `${component.name}.tar.xz.`);
  const args = [component.to, out, String(partMib), '-c', '-f', '-', ...tar, ...left, ...place, ...component.paths];
  await runCommand('bash', ['-c', script, 'pack', ...args], {
    timeoutMs: COMPRESS_TIMEOUT_MS,
    ...(signal ? { signal } : {}),
  });
  if (component.key !== null) await writeFile(keyFile, component.key);
  return partsOf(component.name, await readdir(folder));
}

/** Writes `SHA256SUMS` over the files of `folder` with these names, as `sha256sum -c` reads it. Returns their sizes. */
export async function writeSums(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const lines: string[] = [];
  const sizes = new Map<string, number>();
  for (const name of names) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, name)), hash);
    lines.push(`${hash.digest('hex')}  ${name}\n`);
    sizes.set(name, (await stat(join(folder, name))).size);
  }
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
  return sizes;
}
