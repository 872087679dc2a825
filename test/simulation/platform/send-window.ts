/** Bytes the kernel takes before the reader has read them; what is beyond waits in the process. */
const WINDOW_BYTES = 64 * 1024;

export interface PendingWrite {
  readonly bytes: Uint8Array;
  readonly flushed: ((error?: Error) => void) | undefined;
}

/** What a socket was given to write and the kernel has not taken, because the reader has not read what went before. */
export class SendWindow {
  #pending: PendingWrite[] = [];
  #unreadBytes = 0;
  #pendingBytes = 0;

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  add(write: PendingWrite): void {
    this.#pending.push(write);
    this.#pendingBytes += write.bytes.length;
  }

  /** The writes that the kernel takes now, whole ones. */
  take(): readonly PendingWrite[] {
    const taken: PendingWrite[] = [];
    while (this.#unreadBytes < WINDOW_BYTES) {
      const write = this.#pending.shift();
      if (write === undefined) break;
      this.#unreadBytes += write.bytes.length;
      this.#pendingBytes -= write.bytes.length;
      taken.push(write);
    }
    return taken;
  }

  /** The reader has taken in so many bytes. */
  wasRead(count: number): void {
    this.#unreadBytes -= count;
  }

  /** Forgets what waits, and tells what that was. */
  clear(): readonly PendingWrite[] {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    return pending;
  }
}
