import type { Feed } from './session-feed.js';

/** What crossed between the host and the session. */
export interface Traffic {
  readonly runs: number;
  readonly fedBytes: number;
  readonly fetchedBytes: number;
}

/** Counts what a session is fed and what is fetched from it, by signature: on a GPU that is what crosses the bus. */
export class SessionTraffic {
  readonly #bySignature = new Map<string, Traffic>();

  /** Since the session was loaded, or since the last call. */
  take(): Readonly<Record<string, Traffic>> {
    const counted = Object.fromEntries(this.#bySignature);
    this.#bySignature.clear();
    return counted;
  }

  count(signature: string, fed: readonly Feed[], bytes: number): void {
    const { runs, fedBytes, fetchedBytes } = this.#bySignature.get(signature) ?? {
      runs: 0,
      fedBytes: 0,
      fetchedBytes: 0,
    };
    this.#bySignature.set(signature, {
      runs: runs + 1,
      fedBytes: fed.reduce((total, { data }) => total + sizeOf(data), fedBytes),
      fetchedBytes: fetchedBytes + bytes,
    });
  }
}

/** Bytes of a tensor's elements. */
export function sizeOf(data: Feed['data']): number {
  return 'byteLength' in data ? data.byteLength : data.reduce((total, { byteLength }) => total + byteLength, 0);
}
