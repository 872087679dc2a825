import { Server } from 'node:http';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Open requests get so long to end by themselves. */
const DRAIN_MS = 5_000;
/** A server that closes lets go of connections that are idle then, but not of those that become so while it waits. */
const IDLE_LOOK_MS = 50;

/** Ends connections as their requests end, and cuts those that have not ended in time, when the server closes: between its two hooks. */
@Injectable()
export class HttpDrain implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #host: HttpAdapterHost;
  #cut: NodeJS.Timeout | undefined;
  #looking: NodeJS.Timeout | undefined;

  constructor(host: HttpAdapterHost) {
    this.#host = host;
  }

  beforeApplicationShutdown(): void {
    const server: unknown = this.#host.httpAdapter.getHttpServer();
    if (!(server instanceof Server)) return;
    this.#looking = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
    this.#cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#looking);
    clearTimeout(this.#cut);
  }
}
