import { Injectable } from '@nestjs/common';
import type { WorkerHeartbeat } from '#contracts';
import { RunRegistry } from '../runs/run-registry.js';
import { LiveWorkers } from './live-workers.js';

/** What the REST route for workers does. */
@Injectable()
export class WorkersService {
  readonly #workers: LiveWorkers;
  readonly #runs: RunRegistry;

  constructor(workers: LiveWorkers, runs: RunRegistry) {
    this.#workers = workers;
    this.#runs = runs;
  }

  /** Workers alive; one that evaluates names the run whose evaluation it serves. */
  list(): WorkerHeartbeat[] {
    return this.#workers.shown().map((worker) => {
      const run = worker.runId === null ? undefined : this.#runs.loaded(worker.runId);
      return run?.record.kind === 'evaluation' ? { ...worker, evaluationOf: run.record.evaluation.runId } : worker;
    });
  }
}
