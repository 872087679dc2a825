import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { cutFrames, type FramePiece } from './cut-frames.js';

/** What goes over the line between a worker and a parameter server; asked before it is forwarded. */
export interface WireEvent {
  readonly from: 'worker' | 'server';
  readonly workerId: string;
  /** Index of the parameter server. */
  readonly server: number;
  /** `begin`: nothing of the frame was forwarded; `half`: half of its payload was; `end`: all of it. */
  readonly stage: FramePiece['stage'];
  readonly type: string;
  readonly round: number | null;
  /** Elements of the vector that the frame carries. */
  readonly elements: { readonly lo: number; readonly hi: number; readonly length: number } | null;
}

/** Sees every event; a promise holds that one direction of that one connection until it settles, `drop` cuts it. */
export type WireObserver = (event: WireEvent) => Promise<'pass' | 'drop'> | undefined;

/**
 * Stands in front of the parameter servers and reads along, so that a process can be killed at an exact point of a round
 * although all processes are the unchanged ones.
 */
export class WireTap {
  readonly #observers = new Set<WireObserver>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** Puts a listener before each address; returns theirs. Listeners of an earlier call are closed. */
  async front(addresses: readonly string[]): Promise<readonly string[]> {
    await this.close();
    return await Promise.all(addresses.map((address, index) => this.#listen(address, index)));
  }

  /** Returns what ends the observation. */
  observe(observer: WireObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(address: string, index: number): Promise<string> {
    const [host = '', port = ''] = address.split(':');
    const server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host, port: Number(port), noDelay: true });
      const line: Line = { server: index, workerId: '' };
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.once('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        // An end of either side closes both; why is the processes' own business.
        one.on('error', () => one.destroy());
      }
      // A line that breaks is what is being tested.
      for (const pump of [this.#pump(near, far, line, 'worker'), this.#pump(far, near, line, 'server')]) {
        pump.catch(() => undefined);
      }
    });
    this.#servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: own }: AddressInfo = addressOf(server);
    return `127.0.0.1:${own}`;
  }

  async #pump(source: Socket, sink: Socket, line: Line, from: WireEvent['from']): Promise<void> {
    try {
      for await (const piece of cutFrames(source)) {
        if (piece.header?.['type'] === 'authenticate') line.workerId = String(piece.header['workerId']);
        if (piece.stage !== null && (await this.#isDropped(eventOf(piece, line, from)))) break;
        if (piece.bytes.length > 0 && !sink.write(piece.bytes)) await once(sink, 'drain');
      }
    } finally {
      sink.destroy();
    }
  }

  async #isDropped(event: WireEvent): Promise<boolean> {
    const answers = await Promise.all([...this.#observers].flatMap((observer) => observer(event) ?? []));
    return answers.includes('drop');
  }
}

interface Line {
  readonly server: number;
  workerId: string;
}

function eventOf({ header, stage }: FramePiece, { server, workerId }: Line, from: WireEvent['from']): WireEvent {
  const number = (key: string): number | null => (typeof header?.[key] === 'number' ? header[key] : null);
  const [lo, hi, length] = [number('lo'), number('hi'), number('length')];
  return {
    from,
    workerId,
    server,
    stage,
    type: String(header?.['type']),
    round: number('round'),
    elements: lo === null || hi === null || length === null ? null : { lo, hi, length },
  };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the tap is not listening');
  return address;
}
