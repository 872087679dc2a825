import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  runViewSchema,
  TERMINAL_STATES,
  workerListSchema,
  type RunSpecInput,
  type RunView,
  type WorkerHeartbeat,
} from '#contracts';
import { makeShapesDataset, type ShapesOptions } from '#dataset';
import { startStack, type Stack, type StackOptions } from '../../apps/cli/src/local-stack/index.js';
import { until } from '../../apps/coordinator/src/testing/until.js';

const WAIT_MS = 120_000;
const POLL_MS = 50;

const SMALL_SHAPES = { numTrain: 320, numVal: 60, imageSize: 20, seed: 1 } as const;

/** A stack of real processes in a folder of its own, with a small data set of real JPEG files. */
export class TrainingStack implements AsyncDisposable {
  readonly #options: Partial<StackOptions>;

  private constructor(
    readonly folder: string,
    options: Partial<StackOptions>,
    public stack: Stack,
  ) {
    this.#options = options;
  }

  static async start(options: Partial<StackOptions> = {}, shapes: ShapesOptions = {}): Promise<TrainingStack> {
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-e2e-'));
    await makeShapesDataset(join(folder, 'shapes'), { ...SMALL_SHAPES, ...shapes });
    return new TrainingStack(folder, options, await startStack(stackOptions(folder, options)));
  }

  /** Starts processes anew on the same data directory. */
  async startAgain(): Promise<void> {
    this.stack = await startStack(stackOptions(this.folder, this.#options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.stop();
    // Somebody who was interrupted may still be writing a file.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  spec(changes: Partial<RunSpecInput> = {}): RunSpecInput {
    return smallSpec(this.folder, changes);
  }

  async submit(spec: RunSpecInput = this.spec()): Promise<string> {
    const deadline = Date.now() + WAIT_MS;
    const key = { 'idempotency-key': randomUUID() };
    let response = await this.post('/v1/runs', spec, key);
    // 503: Redis is on its way back, nothing was taken. 202: the data set is looked at. The same key finds what was taken.
    while ([202, 503].includes(response.status) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      response = await this.post('/v1/runs', spec, key);
    }
    if (![200, 201].includes(response.status))
      throw new Error(`not submitted: ${response.status} ${await response.text()}`);
    return runViewSchema.parse(await response.json()).id;
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.#request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async view(id: string): Promise<RunView> {
    return runViewSchema.parse(await (await this.#request(`/v1/runs/${id}`, {})).json());
  }

  /** Waits for a coordinator that is on its way back: a refused connection is no answer. */
  async #request(path: string, init: RequestInit): Promise<Response> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        return await fetch(`${this.stack.url}${path}`, { ...init, signal: AbortSignal.timeout(30_000) });
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  }

  /** The run's view as soon as it is as wanted; a run that ends otherwise is a failure at once. */
  async until(id: string, what: string, isWanted: (view: RunView) => boolean, timeoutMs = WAIT_MS): Promise<RunView> {
    const isReached = (view: RunView): boolean => {
      if (isWanted(view)) return true;
      if (TERMINAL_STATES.includes(view.state))
        throw new Error(
          `waited for ${what}: ${view.state} at step ${view.progress.step}, ${view.reason ?? 'no reason'}`,
        );
      return false;
    };
    return until(() => this.view(id), isReached, { what, timeoutMs, everyMs: POLL_MS });
  }

  /** Waits until so many workers, of those that are meant, report to the coordinator. */
  async workersReady(count: number, isMeant: (worker: WorkerHeartbeat) => boolean = () => true): Promise<void> {
    await until(
      () => this.workers(),
      (workers) => workers.filter(isMeant).length >= count,
      { what: `${count} workers`, timeoutMs: WAIT_MS, everyMs: POLL_MS },
    );
  }

  async workers(): Promise<readonly WorkerHeartbeat[]> {
    return workerListSchema.parse(await (await this.#request('/v1/workers', {})).json()).workers;
  }

  finished(id: string, timeoutMs = WAIT_MS): Promise<RunView> {
    return this.until(id, 'the end', (view) => view.state === 'finished', timeoutMs);
  }

  atStep(id: string, step: number): Promise<RunView> {
    return this.until(id, `step ${step}`, (view) => view.progress.step >= step);
  }
}

function stackOptions(folder: string, options: Partial<StackOptions>): StackOptions {
  return { dataDirectory: join(folder, 'data'), port: 0, device: 'cpu', engines: 1, ...options };
}

/** A whole ledger: every sample of every epoch committed once. */
export function isWhole(view: RunView): boolean {
  const epochs = view.ledger.length === view.spec.epochs;
  return (
    epochs &&
    view.ledger.every(
      ({ missing, repeated, samples, expected }) => missing === 0 && repeated === 0 && samples === expected,
    )
  );
}

/** Steps that take twice as long as a small run's, and weights of more than a MiB. */
export const LARGER_MODEL = { architecture: 'resnet20', numClasses: 10, imageSize: 16 } as const;

/** A run of seconds on the shapes in that folder, four lanes and forty steps. */
export function smallSpec(folder: string, changes: Partial<RunSpecInput> = {}): RunSpecInput {
  return {
    name: 'small',
    model: { architecture: 'resnet8', numClasses: 10, imageSize: 16 },
    dataset: { kind: 'image-folder', path: join(folder, 'shapes') },
    lanes: 4,
    laneBatchSize: 8,
    epochs: 4,
    checkpoint: { everySteps: 5, keep: 2 },
    ...changes,
  };
}
