import { RecoverableError } from '#contracts';
import type { Logger } from '#telemetry';
import type { StateSnapshot } from '../exchange.js';
import type { ServerFrame, StateFrame } from '../wire/frame.schema.js';
import { ProtocolFault } from '../wire/protocol-fault.js';
import type { ServerLink } from './server-link.js';
import { StateReceiver } from './state-receiver.js';
import { StateSender } from './state-sender.js';

type Wanted = Extract<ServerFrame, { type: 'state-wanted' }>;

interface Donation {
  readonly link: ServerLink;
  readonly abort: AbortController;
  /** Null until the state has been read. */
  sender: StateSender | null;
}

export interface StateExchangeOptions {
  readonly maxBytes: number;
  provide(signal: AbortSignal): Promise<StateSnapshot | null>;
  begun(round: number): void;
  readonly logger: Logger;
}

/** A participant's state transfers, in both directions. Each goes through one server and ends with that connection. */
export class StateExchange {
  readonly #options: StateExchangeOptions;
  readonly #receiving = new Map<string, { readonly link: ServerLink; readonly receiver: StateReceiver }>();
  readonly #giving = new Map<string, Donation>();

  constructor(options: StateExchangeOptions) {
    this.#options = options;
  }

  async request(
    link: ServerLink,
    {
      transfer,
      newerThan,
      timeoutMs,
      signal,
    }: {
      readonly transfer: string;
      readonly newerThan: number;
      readonly timeoutMs: number;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<StateSnapshot | null> {
    signal?.throwIfAborted();
    const receiver = new StateReceiver({
      transfer,
      newerThan,
      timeoutMs,
      maxBytes: this.#options.maxBytes,
      send: (frame) => link.send(frame),
      begun: (round) => this.#options.begun(round),
    });
    const onAbort = (): void =>
      receiver.fail(new RecoverableError('the request for state was aborted', { cause: signal?.reason }));
    signal?.addEventListener('abort', onAbort);
    this.#receiving.set(transfer, { link, receiver });
    link.send({ type: 'state-request', transfer, newerThan });
    try {
      return await receiver.result;
    } finally {
      this.#receiving.delete(transfer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  destination(frame: Extract<StateFrame, { type: 'state-chunk' }>, payloadBytes: number): Uint8Array {
    const receiving = this.#receiving.get(frame.transfer);
    if (receiving !== undefined) return receiving.receiver.destination(frame, payloadBytes);
    // Chunks of a transfer that was given up are still on their way.
    if (payloadBytes > 2 ** 20) throw new ProtocolFault('malformed', `state chunk of ${payloadBytes} bytes`);
    return new Uint8Array(payloadBytes);
  }

  handle(link: ServerLink, frame: StateFrame | Wanted): void {
    const receiver = this.#receiving.get(frame.transfer)?.receiver;
    switch (frame.type) {
      case 'state-wanted':
        void this.#give(link, frame);
        return;
      case 'state-begin':
        return receiver?.begin(frame);
      case 'state-chunk':
        return receiver?.chunk();
      case 'state-end':
        return receiver?.end();
      case 'state-ack':
        return this.#acknowledged(frame.transfer, frame.chunks);
      case 'state-cancel':
        receiver?.fail(new RecoverableError(`no state: ${frame.reason}`), true);
        this.#giving.get(frame.transfer)?.abort.abort();
        this.#giving.delete(frame.transfer);
        return;
    }
  }

  /** The connection is gone, and what went over it. */
  lost(link: ServerLink, reason: string | null): void {
    for (const { link: over, receiver } of this.#receiving.values()) {
      if (over === link) receiver.fail(new RecoverableError(`the connection was lost: ${reason ?? 'closed'}`), true);
    }
    for (const [transfer, donation] of this.#giving) {
      if (donation.link !== link) continue;
      donation.abort.abort();
      this.#giving.delete(transfer);
    }
  }

  close(reason: string): void {
    for (const { receiver } of this.#receiving.values()) receiver.fail(new RecoverableError(reason));
    for (const { abort } of this.#giving.values()) abort.abort();
    this.#giving.clear();
  }

  async #give(link: ServerLink, { transfer, newerThan }: Wanted): Promise<void> {
    const donation: Donation = { link, abort: new AbortController(), sender: null };
    this.#giving.set(transfer, donation);
    let snapshot: StateSnapshot | null = null;
    let reason = 'the donor has no complete state now';
    try {
      snapshot = await this.#options.provide(donation.abort.signal);
    } catch (error) {
      reason = `the donor could not read its state: ${String(error)}`;
      this.#options.logger.warn({ error: String(error) }, 'state-not-provided');
    }
    if (this.#giving.get(transfer) !== donation) return;
    if (snapshot === null) {
      this.#giving.delete(transfer);
      link.send({ type: 'state-cancel', transfer, reason: reason.slice(0, 2_000) });
      return;
    }
    donation.sender = new StateSender(transfer, snapshot, (frame, payload) => link.send(frame, payload));
    donation.sender.start(newerThan);
    if (donation.sender.isOver) this.#giving.delete(transfer);
  }

  #acknowledged(transfer: string, chunks: number): void {
    const sender = this.#giving.get(transfer)?.sender ?? null;
    if (sender === null) return;
    sender.acknowledged(chunks);
    if (sender.isOver) this.#giving.delete(transfer);
  }
}
