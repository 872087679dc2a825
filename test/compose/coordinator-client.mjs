import { createHash } from 'node:crypto';
import { FinalError, until } from './commands.mjs';

const REQUEST_TIMEOUT_MS = 20_000;
const RUN_TIMEOUT_MS = 300_000;
const ENDED = ['finished', 'failed', 'cancelled'];

/** The REST API as seen from the host. */
export class CoordinatorClient {
  #url;
  #signal;
  #headers;

  constructor({ url, apiKey, signal }) {
    this.#url = url;
    this.#signal = signal;
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  }

  fetch(path, init = {}) {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    return fetch(`${this.#url}${path}`, { ...init, headers: { ...this.#headers, ...init.headers }, signal });
  }

  async json(path, init) {
    const response = await this.fetch(path, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return await response.json();
  }

  async submit(spec) {
    const headers = { 'content-type': 'application/json' };
    return (await this.json('/v1/runs', { method: 'POST', headers, body: JSON.stringify(spec) })).id;
  }

  run(id) {
    return this.json(`/v1/runs/${id}`);
  }

  /** The run as soon as it is as wanted; a run that ends otherwise is a failure at once. */
  runUntil(id, what, isWanted) {
    return until(
      what,
      async () => {
        const run = await this.run(id);
        if (isWanted(run)) return run;
        const state = `run ${id} is ${run.state} at step ${run.progress.step}: ${run.reason ?? 'no reason given'}`;
        throw ENDED.includes(run.state) ? new FinalError(`${state}, when ${what} was waited for`) : new Error(state);
      },
      { timeoutMs: RUN_TIMEOUT_MS, everyMs: 100, signal: this.#signal },
    );
  }

  /** The finished run with its weights on disk. */
  finished(id) {
    return this.runUntil(id, 'its end', (run) => run.state === 'finished' && finalCheckpoint(run) !== undefined);
  }

  atStep(id, step) {
    return this.runUntil(id, `step ${step}`, (run) => run.state === 'running' && run.progress.step >= step);
  }

  /** SHA-256 of the final weights as they are downloaded. */
  async weightsSha256(run) {
    const path = `/v1/runs/${run.id}/checkpoints/${finalCheckpoint(run).step}/weights.safetensors`;
    const response = await this.fetch(path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return createHash('sha256')
      .update(new Uint8Array(await response.arrayBuffer()))
      .digest('hex');
  }
}

function finalCheckpoint(run) {
  return run.checkpoints.find(({ weightsSha256 }) => weightsSha256 === run.weightsSha256);
}

/** @throws Error unless every sample of every epoch was committed once. */
export function expectWholeLedger(run) {
  const bad = run.ledger.filter(
    ({ missing, repeated, samples, expected }) => missing || repeated || samples !== expected,
  );
  if (run.ledger.length !== run.spec.epochs || bad.length > 0)
    throw new Error(`the ledger of run ${run.id} is not whole: ${JSON.stringify(bad)}`);
}
