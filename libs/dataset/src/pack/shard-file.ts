import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Header } from 'tar';

const BLOCK = 512;
/** A tar ends with two empty blocks. */
const END = Buffer.alloc(2 * BLOCK);

/** A tar that is written from front to back and is there under its name once it is whole and on disk. */
export class ShardFile implements AsyncDisposable {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #sizeBytes = 0;
  #isWhole = false;

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async create(path: string): Promise<ShardFile> {
    const temporary = join(dirname(path), `.${basename(path)}.tmp`);
    return new ShardFile(path, temporary, await open(temporary, 'w'));
  }

  /** Appends files and says where the contents of each begin. Equal files make equal bytes: owner and time are 0. */
  async append(files: readonly { readonly path: string; readonly bytes: Uint8Array }[]): Promise<readonly number[]> {
    const offsets: number[] = [];
    const pieces: Uint8Array[] = [];
    let at = this.#sizeBytes;
    for (const { path, bytes } of files) {
      offsets.push(at + BLOCK);
      const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
      pieces.push(headerOf(path, bytes.length), bytes, padding);
      at += BLOCK + bytes.length + padding.length;
    }
    await this.#write(pieces);
    return offsets;
  }

  /** Ends the tar and gives it its name. */
  async finish(): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
    await this.#write([END]);
    await this.#file.sync();
    await this.#file.close();
    await rename(this.#temporary, this.#path);
    this.#isWhole = true;
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isWhole) return;
    await this.#file.close();
    await rm(this.#temporary, { force: true });
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(pieces);
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes);
    this.#sizeBytes += bytes.length;
  }
}

function headerOf(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const header = new Header({ path, size, type: 'File', mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) });
  if (header.encode(block, 0)) throw new Error(`bug: ${path} of ${size} bytes needs more than a header`);
  return block;
}
