import { EventEmitter } from 'node:events';
import type { Belonging } from '../world/simulated-process.js';
import { currentProcess, currentWorld } from '../world/world.js';
import { Socket, SocketError } from './socket.js';

/** The part of a server that production code uses. */
export class Server extends EventEmitter implements Belonging {
  maxConnections = Infinity;
  readonly #world = currentWorld();
  readonly #process = currentProcess();
  #port = 0;
  readonly #open = new Set<Socket>();

  readonly #onConnection: (socket: Socket) => void;

  constructor(onConnection: (socket: Socket) => void) {
    super();
    this.#onConnection = onConnection;
  }

  listen(port: number, _host: string, listening: () => void): this {
    this.#port = port;
    this.#process.belongings.add(this);
    this.#world.clock.schedule(this.#process, 0.1, () => {
      if (this.#world.listeners.has(port)) {
        this.emit('error', new SocketError('EADDRINUSE'));
        return;
      }
      this.#world.listeners.set(port, {
        process: this.#process,
        accept: (_from, client) => {
          const socket = Socket.accepted(client as Socket);
          this.#open.add(socket);
          socket.once('close', () => this.#open.delete(socket));
          this.#onConnection(socket);
        },
      });
      listening();
    });
    return this;
  }

  address(): { readonly address: string; readonly port: number; readonly family: string } {
    return { address: '127.0.0.1', port: this.#port, family: 'IPv4' };
  }

  close(closed?: () => void): this {
    this.#stop();
    const poll = (): void => {
      if (this.#open.size > 0) this.#world.clock.schedule(this.#process, 1, poll);
      else closed?.();
    };
    poll();
    return this;
  }

  lost(): void {
    this.#stop();
  }

  #stop(): void {
    if (this.#world.listeners.get(this.#port)?.process === this.#process) this.#world.listeners.delete(this.#port);
  }
}

export function createServer(_options: object, onConnection: (socket: Socket) => void): Server {
  return new Server(onConnection);
}
