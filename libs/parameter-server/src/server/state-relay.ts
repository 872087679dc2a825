import type { StateFrame } from '../wire/frame.schema.js';
import type { Peer } from './peer.js';
import type { Slab } from './slab-pool.js';

/** The name of a transfer, and what its state must be newer than. */
export interface WantedState {
  readonly transfer: string;
  readonly newerThan: number;
}

interface Transfer {
  readonly requester: Peer;
  readonly donor: Peer;
}

/**
 * State transfers between participants of a run. Frames are handed on one by one and never collected: the donor has only
 * a few chunks under way until the receiver acknowledges them, so a slow receiver holds up neither the server nor the
 * donor's pushes.
 */
export class StateRelay {
  readonly #transfers = new Map<string, Transfer>();

  /** Asks a donor, which is one of `candidates`, best first; the one with the fewest transfers is taken. */
  request(requester: Peer, { transfer, newerThan }: WantedState, candidates: readonly Peer[]): void {
    if (this.#transfers.has(transfer)) {
      requester.send({ type: 'state-cancel', transfer, reason: 'a transfer of this name is under way' });
      return;
    }
    const [donor] = candidates.map((peer) => ({ peer, load: this.#loadOf(peer) })).sort((a, b) => a.load - b.load);
    if (donor === undefined) {
      requester.send({ type: 'state-cancel', transfer, reason: 'no other participant of the run is ready' });
      return;
    }
    this.#transfers.set(transfer, { requester, donor: donor.peer });
    donor.peer.send({ type: 'state-wanted', transfer, newerThan });
  }

  /** Hands a frame on to the other side. Frames of a transfer that has ended are dropped: they crossed its end. */
  relay(from: Peer, frame: StateFrame, slab: Slab | null): void {
    const transfer = this.#transfers.get(frame.transfer);
    if (transfer === undefined || (from !== transfer.donor && from !== transfer.requester)) {
      slab?.release();
      return;
    }
    const isUpstream = frame.type === 'state-ack';
    const isAllowed = frame.type === 'state-cancel' || isUpstream === (from === transfer.requester);
    if (!isAllowed) {
      slab?.release();
      return;
    }
    if (frame.type === 'state-end' || frame.type === 'state-cancel') this.#transfers.delete(frame.transfer);
    const to = from === transfer.donor ? transfer.requester : transfer.donor;
    to.send(frame, slab);
    slab?.release();
  }

  /** The participant is gone: the other side of each of its transfers is told. */
  left(peer: Peer): void {
    for (const [name, { requester, donor }] of this.#transfers) {
      if (peer !== requester && peer !== donor) continue;
      this.#transfers.delete(name);
      const other = peer === donor ? requester : donor;
      other.send({ type: 'state-cancel', transfer: name, reason: `${peer.workerId} left during the transfer` });
    }
  }

  #loadOf(peer: Peer): number {
    let load = 0;
    for (const { donor } of this.#transfers.values()) if (donor === peer) load += 1;
    return load;
  }
}
