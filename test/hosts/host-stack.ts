import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import {
  runMetricsSchema,
  runViewSchema,
  TERMINAL_STATES,
  type RunSpecInput,
  type RunView,
  type StepMetrics,
} from '#contracts';
import { makeShapesDataset } from '#dataset';
import { provisionRedis } from '#queue';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { LARGER_MODEL, smallSpec } from '../support/training-stack.js';
import { HostProcess } from '../support/host-process.js';
import type { Host, Network } from './network.js';
import { Toxiproxy } from './toxiproxy.js';

const WAIT_MS = 300_000;
const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 30_000;
const PROGRAMS = new URL('../../programs/', import.meta.url).pathname;

/** Status 0: there was none. */
interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What runs where. */
interface HostStackOptions {
  readonly servers: number;
  readonly workers: number;
  /** The program; with it, every stream to Redis and to a parameter server goes through a proxy in the hub. */
  readonly toxiproxy: string | null;
  /** Settings of every process, beside those of the stack. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Redis and coordinator in the hub, every parameter server and worker on a host of its own; one shared disk. */
export class HostStack implements AsyncDisposable {
  readonly #network: Network;
  readonly #env: Readonly<Record<string, string>>;
  readonly #url: string;
  readonly #hosts = new Map<string, Host>();
  readonly #processes = new Map<string, HostProcess>();
  #proxies: Toxiproxy | undefined;

  private constructor(
    readonly folder: string,
    network: Network,
    env: Readonly<Record<string, string>>,
  ) {
    this.#network = network;
    this.#env = env;
    this.#url = `http://${network.hubAddress}:3000`;
  }

  static async start(network: Network, options: HostStackOptions): Promise<HostStack> {
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-hosts-'));
    await makeShapesDataset(join(folder, 'shapes'), { numTrain: 320, numVal: 60, imageSize: 20, seed: 1 });
    const servers: Host[] = [];
    for (let index = 1; index <= options.servers; index += 1) servers.push(await network.addHost(`server${index}`));
    const hub = network.hubAddress;
    const isProxied = options.toxiproxy !== null;
    const env = {
      REDIS_URL: `redis://${hub}:${isProxied ? 6380 : 6379}`,
      SKIPLANE_TOKEN: randomBytes(16).toString('hex'),
      SKIPLANE_API_KEY: randomBytes(16).toString('hex'),
      SKIPLANE_DATA_DIR: join(folder, 'data'),
      SKIPLANE_PARAMETER_SERVERS: servers
        .map(({ address }, index) => (isProxied ? `${hub}:${7071 + index}` : `${address}:7070`))
        .join(','),
      SKIPLANE_ENGINES: '1',
      SKIPLANE_DEVICE: 'cpu',
      ...options.env,
    };
    const stack = new HostStack(folder, network, env);
    if (options.toxiproxy !== null) {
      stack.#proxies = await Toxiproxy.start(options.toxiproxy);
      await stack.#proxies.add('redis', `${hub}:6380`, `${hub}:6379`);
      for (const [index, { name, address }] of servers.entries())
        await stack.#proxies.add(name, `${hub}:${7071 + index}`, `${address}:7070`);
    }
    const { command } = await provisionRedis();
    const persistence = ['--appendonly', 'yes', '--save', '', '--dir', folder, '--maxmemory-policy', 'noeviction'];
    stack.#spawn('redis', null, [command, '--bind', hub, '--protected-mode', 'no', ...persistence]);
    stack.#spawn('coordinator', null, stack.#app('coordinator'), { HOST: hub, PORT: '3000' });
    for (const server of servers) {
      stack.#hosts.set(server.name, server);
      stack.#spawn(server.name, server, stack.#app('parameter-server'), { HOST: server.address, PORT: '7070' });
    }
    for (let index = 1; index <= options.workers; index += 1) {
      const worker = await network.addHost(`worker${index}`);
      stack.#hosts.set(worker.name, worker);
      stack.startWorker(worker.name);
    }
    await until(
      () => stack.#call('GET', '/health/ready'),
      ({ status }) => status === 200,
      { what: 'the coordinator', timeoutMs: WAIT_MS, everyMs: POLL_MS },
    );
    return stack;
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`there is no host ${name}`);
    return host;
  }

  /** Those of servers and workers. */
  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  process(name: string): HostProcess {
    const process = this.#processes.get(name);
    if (process === undefined) throw new Error(`there is no process ${name}`);
    return process;
  }

  get proxies(): Toxiproxy {
    if (this.#proxies === undefined) throw new Error('this stack has no proxies');
    return this.#proxies;
  }

  /** Starts a worker on its host, again under another name if it had one before. */
  startWorker(name: string): void {
    const id = this.#processes.has(name) ? `${name}-${randomBytes(2).toString('hex')}` : name;
    this.#spawn(name, this.host(name), this.#app('worker'), { SKIPLANE_WORKER_ID: id });
  }

  async submit(changes: Partial<RunSpecInput> = {}): Promise<string> {
    const { status, body } = await this.#call(
      'POST',
      '/v1/runs',
      smallSpec(this.folder, { model: LARGER_MODEL, ...changes }),
    );
    if (status !== 201) throw new Error(`not submitted: ${status} ${body}`);
    return runViewSchema.parse(JSON.parse(body)).id;
  }

  /** The run's view as soon as it is as wanted; a run that ends otherwise is a failure at once. */
  async until(id: string, what: string, isWanted: (view: RunView) => boolean): Promise<RunView> {
    const viewOf = (body: string): RunView => runViewSchema.parse(JSON.parse(body));
    const isReached = ({ status, body }: Answer): boolean => {
      if (status !== 200) return false;
      const view = viewOf(body);
      if (isWanted(view)) return true;
      if (TERMINAL_STATES.includes(view.state)) throw new Error(`waited for ${what}: ${view.state}, ${view.reason}`);
      return false;
    };
    const wait = { what, timeoutMs: WAIT_MS, everyMs: POLL_MS };
    return viewOf((await until(() => this.#call('GET', `/v1/runs/${id}`), isReached, wait)).body);
  }

  /** The committed steps so far. */
  async steps(id: string): Promise<readonly StepMetrics[]> {
    const { status, body } = await this.#call('GET', `/v1/runs/${id}/metrics?points=10000`);
    return status === 200 ? runMetricsSchema.parse(JSON.parse(body)).steps : [];
  }

  /** Waits until nobody trains the run any more. */
  async untilOver(id: string): Promise<void> {
    await until(
      () => this.#call('GET', `/v1/runs/${id}`),
      ({ status, body }) => status === 200 && TERMINAL_STATES.includes(runViewSchema.parse(JSON.parse(body)).state),
      { what: 'the end', timeoutMs: WAIT_MS, everyMs: POLL_MS },
    );
  }

  async cancel(id: string): Promise<void> {
    const { status, body } = await this.#call('POST', `/v1/runs/${id}/cancel`);
    if (status >= 300 || status === 0) throw new Error(`not cancelled: ${status} ${body}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const names = [...this.#processes.keys()].toReversed();
    for (const name of names.filter((each) => each !== 'redis')) await this.#processes.get(name)?.stop('SIGKILL');
    await this.#processes.get('redis')?.stop();
    await this.#proxies?.[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }

  #app(app: string): readonly string[] {
    return [process.execPath, join(PROGRAMS, `${app}.js`)];
  }

  #spawn(
    name: string,
    host: Host | null,
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): void {
    const logFile = join(this.folder, `${name}.log`);
    const whole = [...(host === null ? [] : this.#network.on(host)), ...command];
    this.#processes.set(name, new HostProcess({ name, command: whole, env: { ...this.#env, ...env }, logFile }));
  }

  async #call(method: string, path: string, body?: unknown): Promise<Answer> {
    try {
      const response = await fetch(this.#url + path, {
        method,
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        headers: { authorization: `Bearer ${this.#env['SKIPLANE_API_KEY']}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.text() };
    } catch (error) {
      return { status: 0, body: String(error) };
    }
  }
}
