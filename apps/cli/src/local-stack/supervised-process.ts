import { isCode } from '#files';
import { RESTART_EXIT_CODE } from '#contracts';
import type { StackProcess } from './stack.js';

/** A process that was started; `exited` never rejects. */
export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SupervisedProcessOptions {
  readonly name: string;
  readonly logFile: string;
  /** Starts it, for the first time (0) or again (1, 2, ...). */
  readonly start: (restarts: number) => Promise<RunningProcess>;
  readonly restart: boolean;
  /** Whether it starts again also after exit code 0. Not for workers: a worker told to leave has left. */
  readonly restartAfterSuccess: boolean;
  /** Told of every end that nobody asked for. */
  readonly onUnexpectedExit: (event: UnexpectedExit) => void;
  readonly delayFor?: typeof nextRestartDelay;
}

export interface UnexpectedExit {
  readonly name: string;
  readonly reason: string;
  /** By SIGKILL: from outside, or for want of memory. */
  readonly wasKilled: boolean;
  /** Null: it stays down. */
  readonly restartsInMs: number | null;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
const STABLE_AFTER_MS = 60_000;

/** Who ends sooner has failed, whatever its exit code. */
const LEAST_RUN_MS = 500;

/** Keeps one process of the stack running: starts it, starts it again with growing pauses, stops it for good. */
export class SupervisedProcess {
  readonly name: string;
  readonly #options: SupervisedProcessOptions;
  #running: RunningProcess | null = null;
  #starting: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopping = false;
  #restarts = 0;
  #delayMs: number | undefined;

  constructor(options: SupervisedProcessOptions) {
    this.name = options.name;
    this.#options = options;
  }

  view(): StackProcess {
    const pid = this.#running?.pid ?? null;
    return { name: this.name, pid, restarts: this.#restarts, logFile: this.#options.logFile };
  }

  /** The first start; what it throws is the caller's. */
  async start(): Promise<void> {
    await this.#launch();
  }

  /** Sends a signal and resolves when the process has gone. Whether it comes back is the supervisor's ordinary rule. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    sendSignal(running.pid, signal);
    await running.exited;
  }

  /** Stops it for good: SIGTERM, and SIGKILL after `graceMs`. */
  async stop(graceMs: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#isStopping = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    // A start under way ends in a process that has to be stopped too.
    await this.#starting?.catch(() => {});
    const running = this.#running;
    if (running === null) return;
    sendSignal(running.pid, signal);
    const deadline = setTimeout(() => sendSignal(running.pid, 'SIGKILL'), graceMs);
    await running.exited;
    clearTimeout(deadline);
  }

  async #launch(): Promise<void> {
    const starting = this.#options.start(this.#restarts).then((running) => this.#watch(running));
    this.#starting = starting;
    try {
      await starting;
    } finally {
      this.#starting = null;
    }
  }

  #watch(running: RunningProcess): void {
    const startedAt = performance.now();
    this.#running = running;
    void running.exited.then((exit) => {
      this.#running = null;
      this.#afterExit(exit, performance.now() - startedAt);
    });
  }

  #afterExit(exit: ProcessExit, ranMs: number): void {
    if (this.#isStopping) return;
    const { restart, restartAfterSuccess } = this.#options;
    const reason = exit.signal === null ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`;
    const mayRestart = restart && (restartAfterSuccess || exit.code !== 0);
    // It did what it was to do; one that asks for it again and again is kept from doing so at speed.
    if (exit.code === RESTART_EXIT_CODE && restart && ranMs >= LEAST_RUN_MS) {
      this.#launchAfter(0);
      return;
    }
    this.#comeBack({ reason, wasKilled: exit.signal === 'SIGKILL' }, mayRestart, ranMs);
  }

  #comeBack(end: Pick<UnexpectedExit, 'reason' | 'wasKilled'>, mayRestart: boolean, ranMs: number): void {
    const { name } = this;
    if (!mayRestart) {
      this.#options.onUnexpectedExit({ name, ...end, restartsInMs: null });
      return;
    }
    const delayMs = (this.#options.delayFor ?? nextRestartDelay)(this.#delayMs, ranMs);
    this.#delayMs = delayMs;
    this.#launchAfter(delayMs);
    this.#options.onUnexpectedExit({ name, ...end, restartsInMs: delayMs });
  }

  #launchAfter(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#restarts++;
      this.#launch().catch((error: unknown) => {
        if (this.#isStopping) return;
        const reason = `could not be started (${error instanceof Error ? error.message : String(error)})`;
        this.#comeBack({ reason, wasKilled: false }, true, 0);
      });
    }, delayMs);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone in this very moment: what was wanted.
    if (!isCode(error, 'ESRCH')) throw error;
  }
}

/** How long to wait before a process starts again: 1 s, doubling to 30 s, from the beginning after a minute of running. */
export function nextRestartDelay(previousDelayMs: number | undefined, ranMs: number): number {
  if (previousDelayMs === undefined || ranMs >= STABLE_AFTER_MS) return FIRST_DELAY_MS;
  return Math.min(previousDelayMs * 2, LONGEST_DELAY_MS);
}
