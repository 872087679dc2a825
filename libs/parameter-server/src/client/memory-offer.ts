import { CopiedPayloads } from '../shared-memory/payload-path.js';
import { SharedSegment, type SegmentLocation } from '../shared-memory/shared-segment.js';
import { NUM_PUSHES, segmentBytes, Slots } from '../shared-memory/slots.js';
import type { Connection } from '../wire/connection.js';
import type { ClientFrame, ServerFrame } from '../wire/frame.schema.js';

/** Memory that a participant offers to a server, which may be of this host. */
export class MemoryOffer {
  readonly #connection: Connection<ServerFrame, ClientFrame>;
  readonly #closeFile: () => void;

  private constructor(connection: Connection<ServerFrame, ClientFrame>, closeFile: () => void) {
    this.#connection = connection;
    this.#closeFile = closeFile;
  }

  /** Null where there is no such memory. The connection must be within a host. */
  static make(connection: Connection<ServerFrame, ClientFrame>): MemoryOffer | null {
    const made = SharedSegment.create(segmentBytes(NUM_PUSHES));
    if (made === null) return null;
    connection.offer(new CopiedPayloads(new Slots(made.segment)));
    connection.send({ type: 'share', ...made.location });
    return new MemoryOffer(connection, made.opened);
  }

  /** The server's answer: where its own memory is, or that it has not got this. Says which ways lead through memory now. */
  answered(segment: SegmentLocation | null): { readonly sends: boolean; readonly receives: boolean } {
    this.end();
    if (segment === null) return { sends: false, receives: false };
    this.#connection.useOffered();
    const sums = SharedSegment.open(segment);
    if (sums === null) return { sends: true, receives: false };
    this.#connection.receiveFrom(new Slots(sums));
    this.#connection.send({ type: 'shares' });
    return { sends: true, receives: true };
  }

  /** Nobody will open it any more; safe to call twice. */
  end(): void {
    this.#closeFile();
  }
}
