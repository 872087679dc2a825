import { ParameterServer } from '#parameter-server';
import type { Logger } from '#telemetry';
import { INITIAL_SCHEDULE_STATE, type ReplicaSnapshot } from '#training';
import { copyOf, initialSimulatedState } from './model/engine.js';
import { LeaseStore } from './model/lease-store.js';
import type { RunRecord } from './model/run-record.js';
import type { RunShape } from './model/run-shape.js';
import { WorkerProcess } from './worker-process.js';
import type { SimulatedProcess } from './world/simulated-process.js';
import type { World } from './world/world.js';

const TOKEN = 'simulated';
const FIRST_PORT = 7_070;
const LOOK_MS = 250;
/** As the coordinator's scheduler: a state that nobody was seen to hold for so long is lost. */
const STATE_LOST_AFTER_MS = 3_000;

export interface SystemOptions {
  readonly world: World;
  readonly shape: RunShape;
  readonly record: RunRecord;
  readonly numServers: number;
  readonly logger: (process: string) => Logger;
}

/** Servers, workers and a model of what the coordinator does for them: assigns, and begins again from the checkpoint. */
export class SimulatedSystem {
  readonly workers: WorkerProcess[] = [];
  readonly servers: (SimulatedProcess | null)[];
  leases: LeaseStore;
  incarnation = 1;
  peakMemoryBytes = 0;
  readonly #running = new Map<string, ParameterServer>();
  readonly #coordinator: SimulatedProcess;
  #start: ReplicaSnapshot;
  #hasProgress = false;
  #stateSeenAt: number;
  #numWorkers = 0;

  constructor(private readonly options: SystemOptions) {
    const { world, shape } = options;
    this.servers = Array.from({ length: options.numServers }, () => null);
    this.leases = new LeaseStore(world, shape.numbers, 0);
    this.#coordinator = world.process('coordinator');
    this.#start = {
      round: 0,
      state: initialSimulatedState(shape.layout, shape.spec.seed),
      schedule: INITIAL_SCHEDULE_STATE,
    };
    this.#stateSeenAt = world.clock.now;
    this.after(LOOK_MS, () => this.#look());
  }

  get liveWorkers(): WorkerProcess[] {
    return this.workers.filter(({ process }) => process.isAlive);
  }

  get liveServers(): SimulatedProcess[] {
    return this.servers.flatMap((server) => (server?.isAlive === true ? [server] : []));
  }

  /** Does something later, whoever is dead by then. */
  after(delayMs: number, task: () => void): void {
    this.options.world.clock.schedule(this.#coordinator, delayMs, task);
  }

  startServer(index: number): void {
    const { world, logger } = this.options;
    if (this.servers[index]?.isAlive === true) return;
    const process = world.process(`server-${index}`);
    this.servers[index] = process;
    world.trace.say(process.name, 'starts');
    world.clock.schedule(process, 0, () => {
      const port = FIRST_PORT + index;
      const server = new ParameterServer({ port, token: TOKEN, logger: logger(process.name) });
      this.#running.set(process.name, server);
      void server.start();
    });
  }

  /** `name`: that of a worker that died, where it comes back as itself. */
  startWorker(slowness: number, name?: string): void {
    const { world, shape, record, numServers, logger } = this.options;
    if (name !== undefined && this.liveWorkers.some(({ process }) => process.name === name)) return;
    if (name === undefined) this.#numWorkers += 1;
    const process = world.process(name ?? `worker-${this.#numWorkers}`, world.random.between(-2_000, 2_000));
    world.trace.say(process.name, 'starts');
    const servers = Array.from({ length: numServers }, (_, index) => `127.0.0.1:${FIRST_PORT + index}`);
    const options = { world, process, shape, record, servers, token: TOKEN, slowness, logger: logger(process.name) };
    this.workers.push(new WorkerProcess(options));
  }

  /** Why the run does not go on, for a report. */
  describe(): string {
    const workers = this.liveWorkers.map(({ process, replica }) => {
      const model = replica?.model;
      const lanes = model?.held.map(({ lane }) => lane).join(',');
      return `${process.name} ${model ? `${model.phase} round ${model.round} lanes ${lanes}` : 'without a session'}`;
    });
    return `incarnation ${this.incarnation}; ${workers.join('; ')}; servers alive: ${this.liveServers.length}`;
  }

  /** One look of the coordinator: who is alive, who has no session, whether the state is lost. */
  #look(): void {
    const { world, record } = this.options;
    this.after(LOOK_MS, () => this.#look());
    for (const server of this.liveServers) {
      const memory = this.#running.get(server.name)?.stats.memoryBytes ?? 0;
      this.peakMemoryBytes = Math.max(this.peakMemoryBytes, memory);
    }
    if (record.isFinished) return;
    const holders = this.liveWorkers.filter((worker) => worker.incarnation === this.incarnation && worker.hasState);
    if (holders.length > 0) this.#stateSeenAt = world.clock.now;
    this.#hasProgress ||= holders.some(({ replica }) => (replica?.model.round ?? 0) > this.#start.round);
    const isLost = this.#hasProgress && world.clock.now - this.#stateSeenAt > STATE_LOST_AFTER_MS;
    if (isLost && this.liveWorkers.length > 0) this.#beginAgain();
    for (const worker of this.liveWorkers) {
      if (worker.replica !== null && worker.incarnation === this.incarnation) continue;
      this.#assign(worker);
    }
  }

  #beginAgain(): void {
    const { world, shape, record } = this.options;
    this.incarnation += 1;
    this.#hasProgress = false;
    this.#stateSeenAt = world.clock.now;
    const { checkpoint } = record;
    if (checkpoint !== null) this.#start = { ...checkpoint, state: copyOf(checkpoint.state) };
    this.leases = new LeaseStore(world, shape.numbers, this.#start.round);
    world.trace.say('coordinator', `incarnation ${this.incarnation} begins at round ${this.#start.round}`);
  }

  #assign(worker: WorkerProcess): void {
    const { world } = this.options;
    const order = {
      incarnation: this.incarnation,
      leases: this.leases,
      start: { ...this.#start, state: copyOf(this.#start.state) },
      coldStart: !this.#hasProgress,
    };
    world.clock.schedule(worker.process, world.random.between(0, 20), () => {
      if (worker.replica === null || worker.incarnation !== order.incarnation) void worker.serve(order);
    });
  }
}
