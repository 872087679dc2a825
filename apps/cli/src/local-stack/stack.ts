import type { LogLimits } from './log-rotation.js';

/** What a stack is made of; every field has a default but the data directory. */
export interface StackOptions {
  /** Holds Redis' append-only file, the runs' records, checkpoints and `logs/`. One stack at a time may use it. */
  readonly dataDirectory: string;
  /** Worker processes. Default: one per GPU, or one on a machine without. 0 is allowed: workers are added later. */
  readonly workers?: number;
  /** Lanes that a CPU worker drives at once. Default: the cores split among the workers, at least 1. */
  readonly engines?: number;
  /** Default 2. */
  readonly parameterServers?: number;
  /** Of the coordinator. 0 for any free one. Default 3000. */
  readonly port?: number;
  /** Of the embedded Redis. Default: any free one. */
  readonly redisPort?: number;
  /** A Redis that runs already; without it one is started. */
  readonly redisUrl?: string;
  /** What workers get as SKIPLANE_DEVICE. `cpu` leaves the GPUs alone. Default `auto`. */
  readonly device?: string;
  /** Whether a process that ends unasked is started again, after 1 s doubling to 30 s. Default true. */
  readonly restart?: boolean;
  /** Puts something between the parameter servers and their users, such as a proxy: their addresses to those to use. */
  readonly frontParameterServers?: (addresses: readonly string[]) => Promise<readonly string[]>;
  /** More environment for every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long the coordinator may take until it is ready. Default 60 000. */
  readonly readyTimeoutMs?: number;
  /** Is told in plain words what happens. Default: nobody. */
  readonly note?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Of each log in `logs/`. Default: 20 MiB, and three older ones. */
  readonly logLimits?: LogLimits;
  /** Folder of the built programs. Default `dist/programs` of this checkout. */
  readonly programsDirectory?: string;
}

/** One process of a stack, as it is now. */
export interface StackProcess {
  /** `redis`, `coordinator`, `parameter-server-1`, `worker-1`. */
  readonly name: string;
  /** Null while it waits to be started again, and when it is gone for good. */
  readonly pid: number | null;
  /** How often it was started again. */
  readonly restarts: number;
  readonly logFile: string;
}

/** A running stack. Its processes end when it is stopped, and when the process that started it is gone in any way. */
export interface Stack extends AsyncDisposable {
  /** Of the coordinator: API, dashboard, `/docs`. */
  readonly url: string;
  readonly redisUrl: string;
  /** All processes, in the order in which they were started. */
  processes(): readonly StackProcess[];
  workers(): readonly StackProcess[];
  /** Starts one more worker, with more environment of its own, and returns once its process is there. */
  addWorker(env?: Readonly<Record<string, string>>): Promise<StackProcess>;
  /** Asks a worker to finish its step and leave; resolves when it has gone. */
  removeWorker(name: string): Promise<void>;
  /** Sends a signal to one process (default SIGKILL) and resolves when it has gone. It starts again if `restart` is on. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Workers, then parameter servers, coordinator, Redis; what has not stopped within 15 s is killed. */
  stop(): Promise<void>;
  /** All at once, as a power cut would; nothing starts again. */
  killAll(signal?: NodeJS.Signals): Promise<void>;
}
