import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { sha256OfFile } from '#files';

const manifestSchema = z.object({
  /** What it is and where it came from, for people: `tensorflow-cpu 2.21.0 (Python wheel)`. */
  description: z.string(),
  /** TensorFlow's or the server's version. */
  version: z.string(),
  /** Versions of what else is in it, by name. */
  libraries: z.record(z.string(), z.string()).optional(),
  files: z.array(
    z.object({
      /** Relative to the entry's folder. */
      path: z.string(),
      sizeBytes: z.number(),
      /** Milliseconds, rounded down: what a copy that keeps times keeps. */
      modifiedAtMs: z.number(),
      sha256: z.string(),
    }),
  ),
});

/** What a finished cache entry holds. It is written last: a folder without one is not finished. */
export type Manifest = z.infer<typeof manifestSchema>;

const MANIFEST_FILE = 'manifest.json';

/** Lists every file below `folder` with size, time and SHA-256 (reads everything once: 0.9 GB takes some 2 s). */
export async function createManifest(folder: string, about: Omit<Manifest, 'files'>): Promise<Manifest> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name !== MANIFEST_FILE)
    .map((entry) => join(entry.parentPath, entry.name));
  const files: Manifest['files'] = [];
  for (const path of paths.sort()) {
    const { size, mtimeMs } = await stat(path);
    const sha256 = await sha256OfFile(path);
    files.push({ path: relative(folder, path), sizeBytes: size, modifiedAtMs: Math.floor(mtimeMs), sha256 });
  }
  const { description, version, libraries } = about;
  return { description, version, ...(libraries && { libraries }), files };
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(join(folder, MANIFEST_FILE), JSON.stringify(manifest, null, 2));
}

/** The manifest of a finished entry; undefined where there is none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Compares the files with the manifest and returns what is wrong, in words; empty means intact.
 * `quick` looks at sizes and times (a millisecond), `full` at the SHA-256 of every file.
 */
export async function verifyManifest(folder: string, manifest: Manifest, depth: 'quick' | 'full'): Promise<string[]> {
  const faults: string[] = [];
  for (const file of manifest.files) {
    const path = join(folder, file.path);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) faults.push(`${file.path} is missing`);
    else if (found.size !== file.sizeBytes)
      faults.push(`${file.path} has ${found.size} bytes, expected ${file.sizeBytes}`);
    else if (depth === 'quick' && Math.floor(found.mtimeMs) !== file.modifiedAtMs)
      faults.push(`${file.path} was changed at ${found.mtime.toISOString()}`);
    else if (depth === 'full' && (await sha256OfFile(path)) !== file.sha256)
      faults.push(`${file.path} has another SHA-256 than the one that was put there`);
  }
  return faults;
}
