import { connect, type Socket } from 'node:net';
import { encodeHeader, FrameReader } from '../wire/frame-codec.js';
import { serverFrameSchema, type ServerFrame } from '../wire/frame.schema.js';
import { macOf } from '../wire/handshake.js';
import { waitFor } from '../client/wait-for.js';

const TIMEOUT_MS = 15_000;

/** A peer that sends whatever bytes a test likes and keeps the frames it gets. */
export class RawPeer {
  readonly frames: ServerFrame[] = [];
  readonly socket: Socket;
  isClosed = false;
  readonly #watchers = new Set<() => void>();

  constructor(address: string) {
    const [host = '', port] = address.split(':');
    this.socket = connect(Number(port), host);
    const reader = new FrameReader<ServerFrame>({
      schema: serverFrameSchema,
      headerLimit: () => 2 ** 20,
      destination: (_frame, payloadBytes) => new Uint8Array(payloadBytes),
      inPlace: () => false,
      copyOut: () => undefined,
      frame: (frame) => {
        this.frames.push(frame);
        this.#changed();
      },
    });
    this.socket.on('data', (chunk: Buffer) => reader.feed(chunk));
    this.socket.on('error', () => this.#changed());
    this.socket.on('close', () => {
      this.isClosed = true;
      this.#changed();
    });
  }

  send(frame: object, payload = new Uint8Array(0), announcedBytes = payload.length): void {
    this.socket.write(encodeHeader(frame, announcedBytes));
    if (payload.length > 0) this.socket.write(payload);
  }

  async frame<Type extends ServerFrame['type']>(type: Type): Promise<Extract<ServerFrame, { type: Type }>> {
    const isWanted = (frame: ServerFrame): frame is Extract<ServerFrame, { type: Type }> => frame.type === type;
    await waitFor(this.#watchers, () => this.frames.some(isWanted) || this.isClosed, {
      what: type,
      timeoutMs: TIMEOUT_MS,
    });
    const found = this.frames.find(isWanted);
    if (found === undefined) throw new Error(`closed without a ${type} frame`);
    return found;
  }

  async closed(): Promise<void> {
    await waitFor(this.#watchers, () => this.isClosed, { what: 'the close', timeoutMs: TIMEOUT_MS });
  }

  /** Handshake and join. */
  async join(workerId: string, token: string | null = null): Promise<void> {
    const { nonce } = await this.frame('hello');
    this.send({ type: 'authenticate', workerId, mac: token === null ? '' : macOf(token, nonce, workerId) });
    await this.frame('welcome');
    this.send({ type: 'join', runId: 'run', incarnation: 1, lanes: 2 });
    await this.frame('joined');
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
