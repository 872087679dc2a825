import type { z } from 'zod';
import {
  COORDINATOR_TIME_HEADER,
  evaluationViewSchema,
  ledgerPageSchema,
  predictionSchema,
  runListSchema,
  runMetricsSchema,
  runViewSchema,
  submissionSchema,
  studyListSchema,
  studyTableSchema,
  studyViewSchema,
  type EvaluationRequestInput,
  type EvaluationView,
  type LedgerPage,
  type Prediction,
  type RunList,
  type RunMetrics,
  type RunSpec,
  type RunState,
  type RunView,
  type StudyList,
  type StudySpec,
  type StudyTable,
  type StudyView,
  type WeightsKind,
  workerListSchema,
  type WorkerList,
} from '#contracts';
import { networkCode, parsed, problemOf } from './answers.js';
import { ProblemError, UnreachableError } from './api-errors.js';
import { predictionPath, type PredictionOptions } from './prediction-request.js';
import { sendSubmission, type SubmissionOptions } from './send-submission.js';

export interface SkiplaneClientFlags {
  /** Address of the coordinator; a path in front of /v1 is kept. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Longest wait for an answer to begin and, but for streams, to end. Default 15,000. */
  readonly timeoutMs?: number;
  /** Wait before the first retry; it grows threefold each time. Default 200. */
  readonly retryDelayMs?: number;
}

/** Tries of a request that may be repeated: with the default delays it gives up after about 0.8 s of refusals. */
const NUM_TRIES = 3;
/** Longer than the coordinator waits for a worker. */
const PREDICTION_TIMEOUT_MS = 75_000;
/** Nobody was there to take anything. */
const NEVER_SENT: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'];
const RETRIED_STATUSES: readonly number[] = [502, 503, 504];

interface RequestOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal | undefined;
  /** True: the answer may take for ever (events, downloads); the timeout then ends with its headers. */
  readonly isStream?: boolean;
  /** Default: that of the client. */
  readonly timeoutMs?: number;
}

/** The coordinator's REST API. Answers are parsed; errors are ProblemError, UnreachableError or UnexpectedAnswerError. */
export class SkiplaneClient {
  readonly url: string;
  readonly #apiKey: string | undefined;
  readonly #timeoutMs: number;
  readonly #retryDelayMs: number;
  #clockOffsetMs = 0;

  constructor(options: SkiplaneClientFlags) {
    this.url = options.url.replace(/\/+$/, '');
    this.#apiKey = options.apiKey;
    this.#timeoutMs = options.timeoutMs ?? 15_000;
    this.#retryDelayMs = options.retryDelayMs ?? 200;
  }

  /** The coordinator's clock as of its last answer: ages of what it shows count from here, not from the clock of this machine. */
  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** Submits a run, however long it is looked at. The key makes a repeated one answer with the first one's run. */
  submit(spec: RunSpec, idempotencyKey: string, options: SubmissionOptions = {}): Promise<RunView> {
    return this.#submitted('/v1/runs', spec, { schema: runViewSchema, idempotencyKey, ...options });
  }

  async run(id: string, signal?: AbortSignal): Promise<RunView> {
    return parsed(await this.#retried(`/v1/runs/${encodeURIComponent(id)}`, { signal }), runViewSchema);
  }

  /** Newest first. */
  async runs(query: { state?: RunState | undefined; offset?: number; limit?: number }): Promise<RunList> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    return parsed(await this.#retried(`/v1/runs?${parameters.toString()}`, {}), runListSchema);
  }

  /** At most `points` committed steps, always with the first and the last one, and all evaluations. */
  async metrics(id: string, points: number): Promise<RunMetrics> {
    return parsed(
      await this.#retried(`/v1/runs/${encodeURIComponent(id)}/metrics?points=${points}`, {}),
      runMetricsSchema,
    );
  }

  /** The committed steps from `from` on, at most 10,000 of them, as the ledger has them. */
  async ledger(id: string, from: number): Promise<LedgerPage> {
    const path = `/v1/runs/${encodeURIComponent(id)}/ledger?from=${from}&limit=10000`;
    return parsed(await this.#retried(path, {}), ledgerPageSchema);
  }

  async steer(id: string, verb: 'pause' | 'resume' | 'cancel'): Promise<RunView> {
    // Not retried: the second pause of a run that was resumed in between would be a new order.
    const response = await this.#request(`/v1/runs/${encodeURIComponent(id)}/${verb}`, { method: 'POST' });
    return parsed(response, runViewSchema);
  }

  submitStudy(spec: StudySpec, idempotencyKey: string, options: SubmissionOptions = {}): Promise<StudyView> {
    return this.#submitted('/v1/studies', spec, { schema: studyViewSchema, idempotencyKey, ...options });
  }

  async study(id: string, signal?: AbortSignal): Promise<StudyView> {
    return parsed(await this.#retried(studyPath(id), { signal }), studyViewSchema);
  }

  /** Newest first. */
  async studies(query: { offset?: number; limit: number }): Promise<StudyList> {
    const path = `/v1/studies?offset=${query.offset ?? 0}&limit=${query.limit}`;
    return parsed(await this.#retried(path, {}), studyListSchema);
  }

  async cancelStudy(id: string): Promise<StudyView> {
    return parsed(await this.#request(studyPath(id, '/cancel'), { method: 'POST' }), studyViewSchema);
  }

  async studyTable(id: string): Promise<StudyTable> {
    return parsed(await this.#retried(studyPath(id, '/table?format=json'), {}), studyTableSchema);
  }

  async studyTableText(id: string, format: 'markdown' | 'csv'): Promise<string> {
    return (await this.#retried(studyPath(id, `/table?format=${format}`), {})).text();
  }

  /** A figure as SVG that follows its reader's system between light and dark. */
  async studyFigure(id: string, name: string): Promise<string> {
    return (
      await this.#retried(studyPath(id, `/figures/${name}.svg`), { headers: { Accept: 'image/svg+xml' } })
    ).text();
  }

  /** Asks for an evaluation of a run's weights. */
  evaluate(
    runId: string,
    request: EvaluationRequestInput,
    idempotencyKey: string,
    options: SubmissionOptions = {},
  ): Promise<EvaluationView> {
    const path = `/v1/runs/${encodeURIComponent(runId)}/evaluations`;
    return this.#submitted(path, request, { schema: evaluationViewSchema, idempotencyKey, ...options });
  }

  async evaluation({ runId, id }: Pick<EvaluationView, 'runId' | 'id'>, signal?: AbortSignal): Promise<EvaluationView> {
    const path = `/v1/runs/${encodeURIComponent(runId)}/evaluations/${encodeURIComponent(id)}`;
    return parsed(await this.#retried(path, { signal }), evaluationViewSchema);
  }

  /** Shows an image file to the run's network. Not retried: a worker that is busy does not get free by more of it. */
  async predict(
    runId: string,
    image: Uint8Array<ArrayBuffer>,
    options: PredictionOptions,
    signal?: AbortSignal,
  ): Promise<Prediction> {
    const response = await this.#request(predictionPath(runId, options), {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: image,
      signal,
      timeoutMs: PREDICTION_TIMEOUT_MS,
    });
    return parsed(response, predictionSchema);
  }

  async workers(): Promise<WorkerList> {
    return parsed(await this.#retried('/v1/workers', {}), workerListSchema);
  }

  /** The bytes of a checkpoint's weights, or their average; the caller reads the body to its end or aborts. */
  weights(
    { runId, step, kind }: { readonly runId: string; readonly step: number; readonly kind: WeightsKind },
    signal?: AbortSignal,
  ): Promise<Response> {
    const file = kind === 'average' ? 'average' : 'weights';
    const path = `/v1/runs/${encodeURIComponent(runId)}/checkpoints/${step}/${file}.safetensors`;
    return this.#retried(path, { signal, isStream: true });
  }

  /** The run's event stream after journal line `lastEventId`. */
  events(id: string, lastEventId: string | undefined, signal?: AbortSignal): Promise<Response> {
    return this.stream(`/v1/runs/${encodeURIComponent(id)}/events`, lastEventId, signal);
  }

  /** An event stream (SSE) after `lastEventId`; the caller reads the body or aborts. Not retried. */
  stream(path: string, lastEventId: string | undefined, signal?: AbortSignal): Promise<Response> {
    const from: Record<string, string> = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    return this.#request(path, { headers: { Accept: 'text/event-stream', ...from }, signal, isStream: true });
  }

  /** A resource as its schema has it. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return parsed(await this.#retried(path, {}), schema);
  }

  async #submitted<T>(
    path: string,
    body: unknown,
    { schema, idempotencyKey, ...options }: SubmissionOptions & { schema: z.ZodType<T>; idempotencyKey: string },
  ): Promise<T> {
    const { signal } = options;
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey };
    const ports = {
      idempotencyKey,
      retryDelayMs: this.#retryDelayMs,
      post: () => this.#request(path, { method: 'POST', headers, body: JSON.stringify(body), signal }),
      submission: async (id: string) =>
        parsed(await this.#request(`/v1/submissions/${encodeURIComponent(id)}`, { signal }), submissionSchema),
      get: (location: string) => this.#request(location, { signal }),
    };
    return parsed(await sendSubmission(ports, options), schema);
  }

  async #retried(path: string, options: RequestOptions): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#request(path, options);
      } catch (error) {
        const canPass =
          error instanceof UnreachableError ||
          (error instanceof ProblemError && RETRIED_STATUSES.includes(error.problem.status));
        if (!canPass || tries >= NUM_TRIES || options.signal?.aborted === true) throw error;
        await new Promise((resolve) => setTimeout(resolve, this.#retryDelayMs * 3 ** (tries - 1)));
      }
    }
  }

  async #request(path: string, options: RequestOptions): Promise<Response> {
    const timeout = new AbortController();
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const signals = [timeout.signal, ...(options.signal === undefined ? [] : [options.signal])];
    try {
      const response = await fetch(this.url + path, {
        method: options.method ?? 'GET',
        headers: {
          Accept: 'application/json, application/problem+json',
          ...(this.#apiKey === undefined ? {} : { Authorization: `Bearer ${this.#apiKey}` }),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: options.body }),
        signal: AbortSignal.any(signals),
      });
      const time = Number(response.headers.get(COORDINATOR_TIME_HEADER) ?? Number.NaN);
      if (Number.isFinite(time)) this.#clockOffsetMs = time - Date.now();
      if (!response.ok) throw new ProblemError(await problemOf(response));
      if (options.isStream === true) return response;
      // The body is read here, so that it falls under the same timeout and the same errors.
      return new Response(await response.text(), { status: response.status, headers: response.headers });
    } catch (error) {
      if (error instanceof ProblemError || options.signal?.aborted === true) throw error;
      if (timeout.signal.aborted) {
        throw new UnreachableError(`no answer from ${this.url} within ${timeoutMs / 1000} s`, { cause: error });
      }
      throw new UnreachableError(this.#reachMessage(error), {
        cause: error,
        mayHaveArrived: !NEVER_SENT.includes(networkCode(error)),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #reachMessage(error: unknown): string {
    const code = networkCode(error);
    if (code === 'ECONNREFUSED') return `no coordinator answers at ${this.url}: start it with npm start`;
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `no host of that name: ${this.url}`;
    return `the connection to ${this.url} failed (${code})`;
  }
}

function studyPath(id: string, rest = ''): string {
  return `/v1/studies/${encodeURIComponent(id)}${rest}`;
}
