import type { z } from 'zod';
import {
  evaluationViewSchema,
  ledgerPageSchema,
  predictionSchema,
  removalSchema,
  retentionSchema,
  runListSchema,
  runMetricsSchema,
  runViewSchema,
  studyListSchema,
  studyTableSchema,
  studyViewSchema,
  type CloneRequestInput,
  type EvaluationRequestInput,
  type EvaluationView,
  type LedgerPage,
  type Prediction,
  type Removal,
  type RetentionView,
  type RunChanges,
  type RunList,
  type RunMetrics,
  type RunSort,
  type RunState,
  type RunView,
  type StudyList,
  type StudySpec,
  type StudyTable,
  type StudyView,
  type SubmittedRun,
  type WeightsKind,
  workerListSchema,
  type WorkerList,
} from '#contracts';
import { parsed } from './answers.js';
import { predictionPath, type PredictionOptions } from './prediction-request.js';
import { RestTransport, type RestOptions } from './rest-transport.js';
import type { SubmissionOptions } from './send-submission.js';

/** Longer than the coordinator waits for a worker. */
const PREDICTION_TIMEOUT_MS = 75_000;
/** Looking at many files and removing them takes a while. */
const REMOVAL = { timeoutMs: 120_000 } as const;

/** A run or a study. */
export interface Removable {
  readonly kind: Removal['kind'];
  readonly id: string;
}

/** What a list of runs is asked for; a run is listed that fulfils all of it. */
export interface RunsQuery {
  readonly state?: RunState | readonly RunState[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly archived?: 'false' | 'true' | 'all' | undefined;
  /** Words, all in the name, id, tags or notes. */
  readonly q?: string | undefined;
  /** A name, or the beginning of an id. */
  readonly ref?: string | undefined;
  /** Conditions on fields of the spec. */
  readonly where?: readonly string[] | undefined;
  readonly sort?: RunSort | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

/** The coordinator's REST API. Answers are parsed; errors are ProblemError, UnreachableError or UnexpectedAnswerError. */
export class SkiplaneClient {
  readonly #rest: RestTransport;

  constructor(options: RestOptions) {
    this.#rest = new RestTransport(options);
  }

  /** Address of the coordinator, without slashes at its end. */
  get url(): string {
    return this.#rest.url;
  }

  /** The coordinator's clock as of its last answer: ages of what it shows count from here, not from the clock of this machine. */
  now(): number {
    return this.#rest.now();
  }

  /** Submits a run, however long it is looked at. The key makes a repeated one answer with the first one's run. */
  submit(spec: SubmittedRun, idempotencyKey: string, options: SubmissionOptions = {}): Promise<RunView> {
    return this.#rest.submitted('/v1/runs', spec, { schema: runViewSchema, idempotencyKey, ...options });
  }

  async run(id: string, signal?: AbortSignal): Promise<RunView> {
    return parsed(await this.#rest.retried(runPath(id), { signal }), runViewSchema);
  }

  /** Newest first. */
  async runs(query: RunsQuery): Promise<RunList> {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query) as [string, string | number | readonly string[] | undefined][]) {
      if (value === undefined) continue;
      for (const one of typeof value === 'object' ? value : [value]) parameters.append(name, String(one));
    }
    return parsed(await this.#rest.retried(`/v1/runs?${parameters.toString()}`, {}), runListSchema);
  }

  /** At most `points` committed steps, always with the first and the last one, and all evaluations. */
  async metrics(id: string, points: number): Promise<RunMetrics> {
    return parsed(await this.#rest.retried(runPath(id, `/metrics?points=${points}`), {}), runMetricsSchema);
  }

  /** The committed steps from `from` on, at most 10,000 of them, as the ledger has them. */
  async ledger(id: string, from: number): Promise<LedgerPage> {
    const path = runPath(id, `/ledger?from=${from}&limit=10000`);
    return parsed(await this.#rest.retried(path, {}), ledgerPageSchema);
  }

  async steer(id: string, verb: 'pause' | 'resume' | 'cancel'): Promise<RunView> {
    // Not retried: the second pause of a run that was resumed in between would be a new order.
    const response = await this.#rest.request(runPath(id, `/${verb}`), { method: 'POST' });
    return parsed(response, runViewSchema);
  }

  /** Changes name, tags, notes or archive mark. */
  async edit(id: string, changes: RunChanges): Promise<RunView> {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify(changes);
    return parsed(await this.#rest.retried(runPath(id), { method: 'PATCH', headers, body }), runViewSchema);
  }

  /** A new run with the spec of another and changes, submitted as `submit` does. */
  clone(
    id: string,
    request: CloneRequestInput,
    idempotencyKey: string,
    options: SubmissionOptions = {},
  ): Promise<RunView> {
    return this.#rest.submitted(runPath(id, '/clone'), request, { schema: runViewSchema, idempotencyKey, ...options });
  }

  /** What deleting a run or a study would come to. */
  async removal({ kind, id }: Removable): Promise<Removal> {
    return parsed(await this.#rest.retried(`${removablePath(kind, id)}/removal`, REMOVAL), removalSchema);
  }

  /** Deletes a run or a study that is over. May be repeated: what is deleted answers the same. */
  async remove({ kind, id }: Removable): Promise<Removal> {
    const path = removablePath(kind, id);
    return parsed(await this.#rest.retried(path, { method: 'DELETE', ...REMOVAL }), removalSchema);
  }

  /** What SKIPLANE_RETENTION deletes, and when. */
  async retention(query: { readonly offset?: number; readonly limit: number }): Promise<RetentionView> {
    const path = `/v1/retention?offset=${query.offset ?? 0}&limit=${query.limit}`;
    return parsed(await this.#rest.retried(path, {}), retentionSchema);
  }

  submitStudy(spec: StudySpec, idempotencyKey: string, options: SubmissionOptions = {}): Promise<StudyView> {
    return this.#rest.submitted('/v1/studies', spec, { schema: studyViewSchema, idempotencyKey, ...options });
  }

  async study(id: string, signal?: AbortSignal): Promise<StudyView> {
    return parsed(await this.#rest.retried(studyPath(id), { signal }), studyViewSchema);
  }

  /** Newest first. */
  async studies(query: { offset?: number; limit: number }): Promise<StudyList> {
    const path = `/v1/studies?offset=${query.offset ?? 0}&limit=${query.limit}`;
    return parsed(await this.#rest.retried(path, {}), studyListSchema);
  }

  async cancelStudy(id: string): Promise<StudyView> {
    return parsed(await this.#rest.request(studyPath(id, '/cancel'), { method: 'POST' }), studyViewSchema);
  }

  async studyTable(id: string): Promise<StudyTable> {
    return parsed(await this.#rest.retried(studyPath(id, '/table?format=json'), {}), studyTableSchema);
  }

  async studyTableText(id: string, format: 'markdown' | 'csv'): Promise<string> {
    return (await this.#rest.retried(studyPath(id, `/table?format=${format}`), {})).text();
  }

  /** A figure as SVG that follows its reader's system between light and dark. */
  async studyFigure(id: string, name: string): Promise<string> {
    return (
      await this.#rest.retried(studyPath(id, `/figures/${name}.svg`), { headers: { Accept: 'image/svg+xml' } })
    ).text();
  }

  /** Asks for an evaluation of a run's weights. */
  evaluate(
    runId: string,
    request: EvaluationRequestInput,
    idempotencyKey: string,
    options: SubmissionOptions = {},
  ): Promise<EvaluationView> {
    const path = runPath(runId, '/evaluations');
    return this.#rest.submitted(path, request, { schema: evaluationViewSchema, idempotencyKey, ...options });
  }

  async evaluation({ runId, id }: Pick<EvaluationView, 'runId' | 'id'>, signal?: AbortSignal): Promise<EvaluationView> {
    const path = runPath(runId, `/evaluations/${encodeURIComponent(id)}`);
    return parsed(await this.#rest.retried(path, { signal }), evaluationViewSchema);
  }

  /** Shows an image file to the run's network. Not retried: a worker that is busy does not get free by more of it. */
  async predict(
    runId: string,
    image: Uint8Array<ArrayBuffer>,
    options: PredictionOptions,
    signal?: AbortSignal,
  ): Promise<Prediction> {
    const response = await this.#rest.request(predictionPath(runId, options), {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: image,
      signal,
      timeoutMs: PREDICTION_TIMEOUT_MS,
    });
    return parsed(response, predictionSchema);
  }

  async workers(): Promise<WorkerList> {
    return parsed(await this.#rest.retried('/v1/workers', {}), workerListSchema);
  }

  /** The bytes of a checkpoint's weights, or their average; the caller reads the body to its end or aborts. */
  weights(
    { runId, step, kind }: { readonly runId: string; readonly step: number; readonly kind: WeightsKind },
    signal?: AbortSignal,
  ): Promise<Response> {
    const file = kind === 'average' ? 'average' : 'weights';
    const path = runPath(runId, `/checkpoints/${step}/${file}.safetensors`);
    return this.#rest.retried(path, { signal, isStream: true });
  }

  /** The run's event stream after journal line `lastEventId`. */
  events(id: string, lastEventId: string | undefined, signal?: AbortSignal): Promise<Response> {
    return this.stream(runPath(id, '/events'), lastEventId, signal);
  }

  /** An event stream (SSE) after `lastEventId`; the caller reads the body or aborts. Not retried. */
  stream(path: string, lastEventId: string | undefined, signal?: AbortSignal): Promise<Response> {
    const from: Record<string, string> = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
    return this.#rest.request(path, { headers: { Accept: 'text/event-stream', ...from }, signal, isStream: true });
  }

  /** Changes something and gives it as its schema has it. To be used where a second time does no harm. */
  async send<T>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    { body, schema }: { readonly body?: unknown; readonly schema: z.ZodType<T> },
  ): Promise<T> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'Content-Type': 'application/json' };
    return parsed(await this.#rest.retried(path, { method, headers, ...content }), schema);
  }

  /** A resource as its schema has it. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return parsed(await this.#rest.retried(path, {}), schema);
  }
}

function runPath(id: string, rest = ''): string {
  return `/v1/runs/${encodeURIComponent(id)}${rest}`;
}

function removablePath(kind: Removable['kind'], id: string): string {
  return kind === 'run' ? runPath(id) : studyPath(id);
}

function studyPath(id: string, rest = ''): string {
  return `/v1/studies/${encodeURIComponent(id)}${rest}`;
}
