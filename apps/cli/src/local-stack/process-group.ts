import type { StackProcess } from './stack.js';
import { SupervisedProcess, type SupervisedProcessOptions, type UnexpectedExit } from './supervised-process.js';

/** In the order in which a stack is stopped: nobody loses what it still talks to. */
const STOP_ORDER = ['worker', 'parameter-server', 'coordinator', 'redis'] as const;

const STOP_DEADLINE_MS = 15_000;
/** What each later stage may have at least, however long the earlier ones took. */
const LEAST_GRACE_MS = 1_000;

type NewProcess = Pick<SupervisedProcessOptions, 'name' | 'logFile' | 'start'>;

/** The processes of a stack with their roles. */
export class ProcessGroup {
  readonly #processes: { readonly role: string; readonly process: SupervisedProcess }[] = [];
  readonly #failures = new Map<string, string>();
  readonly #restart: boolean;
  readonly #tell: (exit: UnexpectedExit) => Promise<void>;
  #isStopping = false;

  constructor(restart: boolean, tell: (exit: UnexpectedExit) => Promise<void>) {
    this.#restart = restart;
    this.#tell = tell;
  }

  /** Starts a process and keeps it running. */
  async add(role: string, start: NewProcess): Promise<void> {
    if (this.#isStopping) throw new Error(`${start.name} is not started: the stack is stopping`);
    const supervised = new SupervisedProcess({
      ...start,
      restart: this.#restart,
      restartAfterSuccess: role !== 'worker',
      onUnexpectedExit: (exit) => {
        if (!this.#failures.has(exit.name)) this.#failures.set(exit.name, exit.reason);
        void this.#tell(exit);
      },
    });
    this.#processes.push({ role, process: supervised });
    await supervised.start();
  }

  /** How a process ended the first time it did so unasked. */
  firstFailure(name: string): string | undefined {
    return this.#failures.get(name);
  }

  views(role?: string): readonly StackProcess[] {
    return this.#processes.filter((one) => role === undefined || one.role === role).map((one) => one.process.view());
  }

  view(name: string): StackProcess {
    return this.#find(name).view();
  }

  async kill(name: string, signal: NodeJS.Signals): Promise<void> {
    await this.#find(name).kill(signal);
  }

  /** Stops one process for good and forgets it. */
  async remove(name: string): Promise<void> {
    const process = this.#find(name);
    await process.stop(STOP_DEADLINE_MS);
    this.#processes.splice(
      this.#processes.findIndex((one) => one.process === process),
      1,
    );
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const deadline = performance.now() + STOP_DEADLINE_MS;
    for (const role of STOP_ORDER) {
      const graceMs = Math.max(LEAST_GRACE_MS, deadline - performance.now());
      const ofRole = this.#processes.filter((one) => one.role === role);
      await Promise.all(ofRole.map((one) => one.process.stop(graceMs)));
    }
  }

  async killAll(signal: NodeJS.Signals): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#processes.map((one) => one.process.stop(STOP_DEADLINE_MS, signal)));
  }

  #find(name: string): SupervisedProcess {
    const found = this.#processes.find((one) => one.process.name === name);
    if (found) return found.process;
    throw new Error(`there is no ${name}; there are ${this.#processes.map((one) => one.process.name).join(', ')}`);
  }
}
