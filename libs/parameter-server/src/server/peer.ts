import type { ServerFrame } from '../wire/frame.schema.js';
import type { ProtocolFault } from '../wire/protocol-fault.js';
import type { Slab } from './slab-pool.js';

/** A participant as its run sees it: somewhere to send frames to. Both sends retain the slab until it is written. */
export interface Peer {
  readonly workerId: string;
  send(frame: ServerFrame, slab?: Slab | null): void;
  /** Sends a frame whose prefix and header are encoded already. */
  sendEncoded(header: Uint8Array, slab: Slab): void;
  /** Ends the connection and says why. */
  fail(fault: ProtocolFault): void;
}
