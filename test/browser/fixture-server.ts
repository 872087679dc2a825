import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import {
  evaluationListSchema,
  evaluationRequestSchema,
  type EvaluationView,
  type Fault,
  evaluationViewSchema,
  predictionSchema,
  type RunEvent,
  runEventSchema,
  runListSchema,
  runSpecSchema,
  runSummary,
  runViewSchema,
  stepMetricsSchema,
  type StepMetrics,
  type UnreadableRecord,
  type Submission,
  submissionListSchema,
  workerListSchema,
  type WorkerHeartbeat,
} from '#contracts';
import { z } from 'zod';
import { bodyOf, json, problem } from './fixture-answers.js';
import { FixtureDatasets } from './fixture-datasets.js';
import { fixtureHealth, FixtureLogs } from './fixture-health.js';
import { fixtureEvaluation } from './fixture-evaluation.js';
import { metricsOf } from './fixture-metrics.js';
import { fixturePrediction } from './fixture-prediction.js';
import { type FixtureRun, fixtureRun } from './fixture-run.js';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** As strict as the coordinator's, so that what it would forbid is found here. */
const SECURITY_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'";

/**
 * Serves the built dashboard and answers like a coordinator from what a test puts into it. Every payload passes the
 * schema of its contract on the way out. `drop` and `restore` take it off the network and back, at the same port.
 */
export class FixtureServer {
  readonly #root: string;
  readonly runs = new Map<string, FixtureRun>();
  readonly #evaluationsOfKeys = new Map<string, EvaluationView>();
  readonly #byRun = new Map<FixtureRun, EvaluationView[]>();
  workers: WorkerHeartbeat[] = [];
  unreadable: UnreadableRecord[] = [];
  /** What is wrong. */
  faults: Fault[] = [];
  readonly logs = new FixtureLogs();
  submissions: Submission[] = [];
  readonly datasets = new FixtureDatasets();
  /** What is answered to GET of further paths. */
  readonly answers = new Map<string, unknown>();
  /** The next evaluation is taken, and a proxy loses the answer. */
  losesNextAnswer = false;
  /** When set, requests without the cookie that POST /login sets are refused. */
  apiKey: string | null = null;
  /** Paths the coordinator was asked for, with the method. */
  readonly requests: string[] = [];
  #server: Server | null = null;
  #port = 0;
  readonly #streams = new Map<ServerResponse, string>();

  constructor(root: string) {
    this.#root = root;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    this.#streams.clear();
  }

  add(run: FixtureRun): FixtureRun {
    this.runs.set(run.view.id, run);
    return run;
  }

  /** Sends what changed to everyone who watches the run. */
  sendProgress(run: FixtureRun): void {
    this.#send(run, `event: progress\ndata: ${JSON.stringify(runViewSchema.parse(run.view))}\n\n`);
  }

  sendSteps(run: FixtureRun, steps: readonly StepMetrics[]): void {
    run.steps.push(...steps);
    this.#send(run, `event: steps\ndata: ${JSON.stringify(z.array(stepMetricsSchema).parse(steps))}\n\n`);
  }

  sendEvent(run: FixtureRun, event: Omit<RunEvent, 'id'>): void {
    const line = { id: (run.journal.at(-1)?.id ?? 0) + 1, ...event };
    run.journal.push(line);
    this.#send(run, journalMessage(line));
  }

  #send(run: FixtureRun, message: string): void {
    for (const [stream, id] of this.#streams) if (id === run.view.id) stream.write(message);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    if (!url.pathname.startsWith('/v1/') && url.pathname !== '/login') return this.#answerFile(url.pathname, response);
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    if (method === 'POST' && url.pathname === '/login') return this.#login(await bodyOf(request), response);
    if (this.apiKey !== null && !(request.headers.cookie ?? '').includes('skiplane=1')) {
      return problem(response, { type: 'about:blank', title: 'Unauthorized', status: 401 });
    }
    const body = method === 'GET' ? '' : await bodyOf(request);
    if (url.pathname.startsWith('/v1/datasets')) return this.datasets.answer(method, url, body, response);
    if (method === 'POST') return this.#command(url, request, body, response);
    return this.#read(url, request, response);
  }

  #read(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const answer = this.answers.get(url.pathname);
    if (answer !== undefined) return json(response, 200, answer);
    const [, , collection, id, part] = url.pathname.split('/');
    if (collection === 'health') return json(response, 200, fixtureHealth(this.faults));
    if (collection === 'logs') return this.#logs(url, response);
    if (collection === 'workers') {
      return json(response, 200, workerListSchema.parse({ workers: this.workers }));
    }
    if (collection === 'submissions') {
      const { submissions } = submissionListSchema.parse({ submissions: this.submissions });
      return json(response, 200, id === undefined ? { submissions } : submissions.find((one) => one.id === id));
    }
    if (id === undefined) return json(response, 200, this.#list(url));
    const run = this.runs.get(decodeURIComponent(id));
    if (run === undefined) return problem(response, { type: 'about:blank', title: 'No such run', status: 404 });
    if (part === 'metrics') return json(response, 200, metricsOf(run, url));
    if (part === 'evaluations') return this.#evaluations(run, url, response);
    if (part === 'events') return this.#stream(run, request, response);
    return json(response, 200, runViewSchema.parse(run.view));
  }

  #logs(url: URL, response: ServerResponse): void {
    const [, , , name, follow] = url.pathname.split('/');
    if (name === undefined) return json(response, 200, this.logs.list());
    if (follow === undefined) return json(response, 200, this.logs.tail(name, Number(url.searchParams.get('lines'))));
    return this.logs.follow(name, url.searchParams.get('from') ?? '', response);
  }

  #evaluations(run: FixtureRun, url: URL, response: ServerResponse): void {
    const [, , , , , id] = url.pathname.split('/');
    if (id === undefined) {
      const evaluations = this.#evaluationsOf(run).map(({ result, ...rest }) => {
        if (result === null) return { ...rest, result };
        const { classes: _classes, confusion: _confusion, ...shares } = result;
        return { ...rest, result: shares };
      });
      return json(response, 200, evaluationListSchema.parse({ evaluations }));
    }
    const found = this.#evaluationsOf(run).find((evaluation) => evaluation.id === id);
    if (found === undefined)
      return problem(response, { type: 'about:blank', title: 'No such evaluation', status: 404 });
    return json(response, 200, evaluationViewSchema.parse(found));
  }

  #evaluationsOf(run: FixtureRun): EvaluationView[] {
    const held = this.#byRun.get(run) ?? [];
    this.#byRun.set(run, held);
    return held;
  }

  #list(url: URL): unknown {
    const states = url.searchParams.getAll('state');
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? 50);
    const all = [...this.runs.values()]
      .map((run) => run.view)
      .filter((view) => states.length === 0 || states.includes(view.state))
      .sort((left, right) => right.createdAt - left.createdAt);
    const runs = all.slice(offset, offset + limit).map(runSummary);
    return runListSchema.parse({ runs, total: all.length, offset, limit, unreadable: this.unreadable });
  }

  #command(url: URL, request: IncomingMessage, body: string, response: ServerResponse): void {
    const [, , , id, command] = url.pathname.split('/');
    if (id === undefined) return this.#submit(body, response);
    const run = this.runs.get(id);
    if (run === undefined) return problem(response, { type: 'about:blank', title: 'No such run', status: 404 });
    if (command === 'evaluations') return this.#evaluate(run, request, body, response);
    if (command === 'predict') return predict(run, url, body, response);
    const state = ({ pause: 'pausing', resume: 'running', cancel: 'cancelled' } as const)[command ?? ''];
    if (state === undefined) return problem(response, { type: 'about:blank', title: 'No such command', status: 404 });
    run.view = { ...run.view, state, finishedAt: state === 'cancelled' ? Date.now() : null };
    json(response, 200, runViewSchema.parse(run.view));
  }

  #evaluate(run: FixtureRun, request: IncomingMessage, body: string, response: ServerResponse): void {
    const key = String(request.headers['idempotency-key']);
    const known = this.#evaluationsOfKeys.get(key);
    const evaluation =
      known ??
      fixtureEvaluation(run.view.id, evaluationRequestSchema.parse(JSON.parse(body)), this.#evaluationsOf(run).length);
    if (known === undefined) this.#evaluationsOf(run).unshift(evaluation);
    this.#evaluationsOfKeys.set(key, evaluation);
    if (this.losesNextAnswer) {
      this.losesNextAnswer = false;
      response.writeHead(502, { 'content-type': 'text/html' }).end('Bad gateway');
      return;
    }
    json(response, 201, evaluationViewSchema.parse(evaluation));
  }

  #submit(body: string, response: ServerResponse): void {
    const parsed = runSpecSchema.safeParse(JSON.parse(body));
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      const title = 'The run was refused';
      return problem(response, { type: 'about:blank', title, status: 400, errors });
    }
    const { name, lanes, epochs } = parsed.data;
    const base = { state: 'pending', reason: 'No worker is here yet', workers: [], stepsDone: 0 } as const;
    const id = `run-${this.runs.size + 1}`;
    const run = this.add(fixtureRun({ id, name, lanes, epochs, createdAt: Date.now(), ...base }));
    response.setHeader('location', `/v1/runs/${id}`);
    json(response, 201, runViewSchema.parse(run.view));
  }

  #stream(run: FixtureRun, request: IncomingMessage, response: ServerResponse): void {
    const last = Number(request.headers['last-event-id'] ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write('retry: 300\n\n');
    for (const line of run.journal) if (line.id > last) response.write(journalMessage(line));
    this.#streams.set(response, run.view.id);
    response.on('close', () => this.#streams.delete(response));
  }

  #login(body: string, response: ServerResponse): void {
    if (new URLSearchParams(body).get('key') !== this.apiKey) {
      const detail = 'This is not the key of this coordinator.';
      return problem(response, { type: 'about:blank', title: 'Unauthorized', status: 401, detail });
    }
    const cookie = 'skiplane=1; HttpOnly; SameSite=Strict; Path=/';
    response.writeHead(303, { location: '/', 'set-cookie': cookie }).end();
  }

  async #answerFile(path: string, response: ServerResponse): Promise<void> {
    const file = extname(path) === '' ? 'index.html' : normalize(path);
    try {
      const body = await readFile(join(this.#root, file));
      const mediaType = MEDIA_TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': mediaType, 'content-security-policy': SECURITY_POLICY }).end(body);
    } catch {
      // The test's console check turns a file that is missing into a failure.
      response.writeHead(404).end();
    }
  }
}

/** Takes every image for a ring, and a text for none. */
function predict(run: FixtureRun, url: URL, body: string, response: ServerResponse): void {
  if (body.startsWith('no image')) {
    const errors = [{ path: 'image', message: 'no image that is read: it begins with 6e 6f' }];
    const title = 'Unprocessable Entity';
    const detail = 'the image cannot be predicted';
    return problem(response, { type: 'about:blank', title, status: 422, detail, errors });
  }
  json(response, 200, predictionSchema.parse(fixturePrediction(run.view, url.searchParams.get('class'))));
}

function journalMessage(event: RunEvent): string {
  return `event: journal\nid: ${event.id}\ndata: ${JSON.stringify(runEventSchema.parse(event))}\n\n`;
}
