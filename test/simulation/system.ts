import { workerHeartbeatSchema } from '#contracts';
import { ParameterServer } from '#parameter-server';
import type { Logger } from '#telemetry';
import type { TrainingRun } from '../../apps/coordinator/src/runs/live-run.js';
import { CoordinatorProcess } from './coordinator-process.js';
import type { RunShape } from './model/run-shape.js';
import type { Witness } from './model/witness.js';
import { WorkerProcess } from './worker-process.js';
import type { SimulatedProcess } from './world/simulated-process.js';
import type { World } from './world/world.js';

const TOKEN = 'simulated';
const FIRST_PORT = 7_070;
const LOOK_MS = 250;
/** Of a supervisor, for what ended by itself. */
const START_AGAIN_MS = 500;
/** Late reports are taken in after the last one, and a coordinator that has just come back reads what it missed. */
const SETTLES_AFTER_MS = 2_500;

export interface SystemOptions {
  readonly world: World;
  readonly shape: RunShape;
  readonly witness: Witness;
  readonly numServers: number;
  /** How long a worker or a server may be silent. */
  readonly silenceMs: number;
  readonly logger: (process: string) => Logger;
}

/** The processes of one run: a coordinator, parameter servers and workers, around a Redis and a disk. */
export class SimulatedSystem {
  readonly #options: SystemOptions;
  readonly workers: WorkerProcess[] = [];
  readonly servers: (SimulatedProcess | null)[];
  coordinator: CoordinatorProcess | null = null;
  peakMemoryBytes = 0;
  /** The run is finished, and has been for a while. */
  isSettled = false;
  readonly #running = new Map<string, ParameterServer>();
  readonly #world: World;
  /** Lives for ever: what is scheduled for nobody. */
  readonly #fate: SimulatedProcess;
  #finishedAt: number | null = null;
  #numWorkers = 0;

  constructor(options: SystemOptions) {
    this.#options = options;
    this.#world = options.world;
    this.servers = Array.from({ length: options.numServers }, () => null);
    this.#fate = this.#world.process('fate');
    this.after(LOOK_MS, () => this.#look());
  }

  get liveWorkers(): WorkerProcess[] {
    return this.workers.filter(({ process }) => process.isAlive);
  }

  get liveServers(): SimulatedProcess[] {
    return this.servers.flatMap((server) => (server?.isAlive === true ? [server] : []));
  }

  get run(): TrainingRun | undefined {
    return this.coordinator?.run;
  }

  /** Does something later, whoever is dead by then. */
  after(delayMs: number, task: () => void): void {
    this.#world.clock.schedule(this.#fate, delayMs, task);
  }

  startCoordinator(): void {
    if (this.coordinator?.process.isAlive === true) return;
    const { shape, logger } = this.#options;
    this.#begin('coordinator', this.#world.clockOffsetMs(), (process) => {
      this.coordinator = new CoordinatorProcess({
        process,
        shape,
        parameterServers: this.#addresses(),
        logger: logger(process.name),
        onStartFailed: () => {
          process.kill();
          this.after(START_AGAIN_MS, () => this.startCoordinator());
        },
      });
    });
  }

  startServer(index: number): void {
    if (this.servers[index]?.isAlive === true) return;
    this.servers[index] = this.#begin(`server-${index}`, 0, (process) => {
      const { silenceMs: patienceMs, logger } = this.#options;
      const port = FIRST_PORT + index;
      const server = new ParameterServer({ port, token: TOKEN, patienceMs, logger: logger(process.name) });
      this.#running.set(process.name, server);
      void server.start();
    });
  }

  /** `name`: that of a worker that died, where it comes back as itself. */
  startWorker(slowness: number, name?: string): void {
    const { shape, witness, silenceMs, logger } = this.#options;
    if (name !== undefined && this.liveWorkers.some(({ process }) => process.name === name)) return;
    if (name === undefined) this.#numWorkers += 1;
    const clockOffsetMs = this.#world.clockOffsetMs();
    this.#begin(name ?? `worker-${this.#numWorkers}`, clockOffsetMs, (process) => {
      const equipment = { shape, witness, slowness };
      const worker = new WorkerProcess({
        process,
        token: TOKEN,
        silenceMs,
        logger: logger(process.name),
        ...equipment,
      });
      this.workers.push(worker);
    });
  }

  /** Why the run does not go on, for a report. */
  describe(): string {
    const record = this.run?.record;
    const run = record
      ? `${record.state}, incarnation ${record.incarnation}, ${record.reason ?? ''}`
      : 'no coordinator';
    const { data } = this.#world.redis;
    const workers = data.keys('skiplane:worker:').map((key) => {
      const heartbeat = workerHeartbeatSchema.parse(JSON.parse(data.get(key) ?? ''));
      const { workerId, status, round, lanes, reason } = heartbeat;
      return `${workerId} ${status} round ${round} lanes ${lanes.join()} ${reason ?? ''}`;
    });
    return `${run}; ${workers.join('; ')}; servers alive: ${this.liveServers.length}`;
  }

  #begin(name: string, clockOffsetMs: number, main: (process: SimulatedProcess) => void): SimulatedProcess {
    const process = this.#world.process(name, clockOffsetMs);
    this.#world.trace.say(name, 'starts');
    this.#world.clock.schedule(process, 0, () => main(process));
    return process;
  }

  #addresses(): string[] {
    return this.servers.map((_, index) => `127.0.0.1:${FIRST_PORT + index}`);
  }

  #look(): void {
    this.after(LOOK_MS, () => this.#look());
    for (const server of this.liveServers) {
      const memory = this.#running.get(server.name)?.stats.memoryBytes ?? 0;
      this.peakMemoryBytes = Math.max(this.peakMemoryBytes, memory);
    }
    const { now } = this.#world.clock;
    const isHung = (this.coordinator?.process.frozenUntil ?? 0) > now;
    // A coordinator that is away reads what it was told last when it is back.
    if (this.run?.isOver !== true || isHung) {
      this.#finishedAt = null;
      return;
    }
    this.#finishedAt ??= now;
    this.isSettled = now - this.#finishedAt >= SETTLES_AFTER_MS;
  }
}
