import { RedisServer } from '../model/redis-server.js';
import { Clock } from './clock.js';
import { Disk } from './disk.js';
import { Network } from './network.js';
import { Random } from './random.js';
import { SimulatedProcess } from './simulated-process.js';
import { Trace } from './trace.js';

/** Somebody who accepts connections. */
export interface Listener {
  readonly process: SimulatedProcess;
  accept(from: SimulatedProcess, connection: unknown): void;
}

type Node = { readonly lo: number; readonly hi: number };

/** The pushes of rounds not yet committed that a worker keeps. */
export interface KeptPushes {
  readonly process: SimulatedProcess;
  readonly uncommitted: readonly {
    readonly round: number;
    readonly node: Node;
    readonly vector: Float32Array;
    /** Which elements of the vector are known. */
    readonly filled: { covers(range: { readonly lo: number; readonly hi: number }): boolean };
  }[];
}

/** What a server was given of a run. */
export interface GivenPushes {
  readonly process: SimulatedProcess;
  rangesOf(round: number, node: Node): ReadonlyMap<number, number>;
}

/** How the processes of a world end when nobody told them to. */
export interface Failure {
  readonly process: string;
  readonly error: string;
}

/** Of a host that nobody synchronises. */
const MOST_OFFSET_MS = 6 * 3_600_000;

/** One simulated system: its time, its network and its processes. */
export class World {
  readonly clock = new Clock();
  readonly random: Random;
  readonly network: Network;
  readonly trace: Trace;
  readonly processes: SimulatedProcess[] = [];
  /** By port. */
  readonly listeners = new Map<number, Listener>();
  readonly failures: Failure[] = [];
  /** One for all: checkpoints lie where every machine sees them. */
  readonly disk: Disk;
  readonly redis: RedisServer;
  /** What workers keep and servers were given, for a look at a run that stands still. */
  readonly kept = new Set<KeptPushes>();
  readonly tables = new Set<GivenPushes>();
  /** The process that makes this many-th change on the disk from now dies there; null for none. */
  writesUntilDeath: number | null = null;
  /** What becomes of it. */
  diedWriting: (process: SimulatedProcess) => void = (process) => process.kill();

  constructor(seed: number, trace: Trace) {
    this.random = new Random(seed);
    this.network = new Network(this.clock, this.random.fork());
    this.trace = trace;
    trace.clock = this.clock;
    const [diskOffsetMs, redisOffsetMs] = [this.clockOffsetMs(), this.clockOffsetMs()];
    this.disk = new Disk(() => this.clock.now + diskOffsetMs);
    this.redis = new RedisServer(this.process('redis', redisOffsetMs), this.clock);
  }

  /** A new process; a former one of this name must be dead. */
  process(name: string, clockOffsetMs = 0): SimulatedProcess {
    const process = new SimulatedProcess(name, this.clock.now, clockOffsetMs, (from, error) =>
      this.failed(from, error),
    );
    this.processes.push(process);
    return process;
  }

  /** Of a machine: most clocks are a little off, some by hours. */
  clockOffsetMs(): number {
    const most = this.random.chance(0.6) ? 2_000 : MOST_OFFSET_MS;
    return this.random.between(-most, most);
  }

  failed(process: SimulatedProcess | null, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.failures.push({ process: process?.name ?? 'simulation', error: text });
    this.trace.say(process?.name ?? 'simulation', `BUG ${text}`);
  }
}

let active: World | null = null;

/** The world that platform modules belong to. */
export function currentWorld(): World {
  if (active === null) throw new Error('no world is being simulated');
  return active;
}

export function maybeWorld(): World | null {
  return active;
}

export function enterWorld(world: World | null): void {
  active = world;
}

/** The process whose event is happening. */
export function currentProcess(): SimulatedProcess {
  const { current } = currentWorld().clock;
  if (!(current instanceof SimulatedProcess)) throw new Error('no process is at work');
  return current;
}
