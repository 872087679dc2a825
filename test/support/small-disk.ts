import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real file system of its own that is small enough to be filled. Mounting one needs root. */
export class SmallDisk implements Disposable {
  private constructor(readonly folder: string) {}

  /** `size` as mount takes it: `256k`, `3m`. Undefined, and said to be so, where nothing can be mounted. */
  static mount(size: string): SmallDisk | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'skiplane-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
      return new SmallDisk(folder);
    } catch (error) {
      rmSync(folder, { recursive: true });
      console.warn(`skipped: a small file system cannot be mounted here (${String(error)})`);
      return undefined;
    }
  }

  /** Leaves no byte. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (const size of [65_536, 4_096, 512, 1]) fillBy(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  /** Takes away what `fill` has written. */
  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #ballast(): string {
    return join(this.folder, 'ballast');
  }
}

function fillBy(file: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if (!String(error).includes('ENOSPC')) throw error;
  }
}
