import type { Peer } from './peer.js';

/**
 * Who may enter a run group. Its sole member may ask that nobody be let in without its word; until it has given
 * that, or is gone, newcomers wait.
 */
export class Admission {
  #holder: Peer | null = null;
  readonly #waiting = new Map<Peer, () => void>();

  get numWaiting(): number {
    return this.#waiting.size;
  }

  /** Asked by the only participant; nothing is granted while somebody waits. */
  request(peer: Peer): void {
    if (this.#waiting.size > 0) return;
    this.#holder = peer;
    peer.send({ type: 'sole-member-granted' });
  }

  /** Has the peer enter, now or once the holder has given its word. A worker does not wait for itself. */
  admit(peer: Peer, enter: () => void): void {
    if (this.#holder === null || this.#holder.workerId === peer.workerId) return enter();
    if (this.#waiting.size === 0) this.#holder.send({ type: 'sole-member-end' });
    this.#waiting.set(peer, enter);
  }

  /** The holder gives its word, or is gone. */
  over(peer: Peer): void {
    if (peer !== this.#holder) return;
    this.#holder = null;
    const entering = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const enter of entering) enter();
  }

  /** Who waited is gone. */
  withdraw(peer: Peer): void {
    this.#waiting.delete(peer);
  }
}
