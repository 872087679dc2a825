import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line to a server that carries as much from it as a test allows, and everything to it. For one connection at a time. */
export class SlowLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #allowedBytes = 0;
  #carriedBytes = 0;
  #carry: () => void = () => undefined;

  private constructor(target: string) {
    const [host = '', port] = target.split(':');
    this.#server = createServer((near) => {
      const far = connect(Number(port), host);
      const waiting: Buffer[] = [];
      this.#carry = () => {
        while (waiting[0] !== undefined && this.#allowedBytes > 0) {
          const next = waiting[0].subarray(0, this.#allowedBytes);
          waiting[0] = waiting[0].subarray(next.length);
          if (waiting[0].length === 0) waiting.shift();
          this.#allowedBytes -= next.length;
          this.#carriedBytes += next.length;
          near.write(next);
        }
        if (waiting.length === 0) far.resume();
      };
      far.on('data', (bytes: Buffer) => {
        waiting.push(bytes);
        far.pause();
        this.#carry();
      });
      near.pipe(far);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => other.destroy());
      }
    });
  }

  static async to(target: string): Promise<SlowLine> {
    const line = new SlowLine(target);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get address(): string {
    const address = this.#server.address() as AddressInfo;
    return `127.0.0.1:${address.port}`;
  }

  /** Bytes that came from the server so far. */
  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  /** Lets so many more bytes through. */
  allow(numBytes: number): void {
    this.#allowedBytes += numBytes;
    this.#carry();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
