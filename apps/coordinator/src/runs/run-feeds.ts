import { Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { isTraining } from './live-run.js';
import { RunRegistry } from './run-registry.js';
import { RunsService } from './runs.service.js';

const FLUSH_MS = 500;

/** Tells those who follow a run how it stands, at most twice a second, until the coordinator goes down. */
@Injectable()
export class RunFeeds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #registry: RunRegistry;
  readonly #runs: RunsService;
  #flushing: NodeJS.Timeout | undefined;

  constructor(registry: RunRegistry, runs: RunsService) {
    this.#registry = registry;
    this.#runs = runs;
  }

  onApplicationBootstrap(): void {
    this.#flushing = setInterval(() => {
      for (const run of this.#registry.allLoaded().filter(isTraining)) run.feed.flush(() => this.#runs.view(run));
    }, FLUSH_MS);
  }

  /** Streams end first: the server waits for open requests. */
  beforeApplicationShutdown(): void {
    clearInterval(this.#flushing);
    for (const run of this.#registry.allLoaded()) run.feed.end();
  }
}
