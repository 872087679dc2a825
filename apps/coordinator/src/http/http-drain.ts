import { Server } from 'node:http';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Open requests get so long to end by themselves. */
const DRAIN_MS = 5_000;

/** Cuts the requests that have not ended in time when the server closes, between its two hooks. */
@Injectable()
export class HttpDrain implements BeforeApplicationShutdown, OnApplicationShutdown {
  readonly #host: HttpAdapterHost;
  #cut: NodeJS.Timeout | undefined;

  constructor(host: HttpAdapterHost) {
    this.#host = host;
  }

  beforeApplicationShutdown(): void {
    const server: unknown = this.#host.httpAdapter.getHttpServer();
    if (server instanceof Server) this.#cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.#cut);
  }
}
