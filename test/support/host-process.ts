import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';

const STOP_GRACE_MS = 10_000;

/** A process on one of the hosts; its output goes to a file. */
export class HostProcess {
  readonly name: string;
  readonly #child: ChildProcess;

  constructor(options: {
    readonly name: string;
    /** What it is started by, the program and its arguments. */
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly logFile: string;
  }) {
    this.name = options.name;
    const [program = '', ...args] = options.command;
    const log = openSync(options.logFile, 'a');
    this.#child = spawn(program, args, { env: { ...process.env, ...options.env }, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child.on('error', () => undefined);
  }

  /** `nsenter` becomes the program it starts, so this is the program's own. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.name} could not be started`);
    return pid;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.#child.kill(signal);
  }

  /** Ends it and resolves when it has gone; after 10 s with SIGKILL. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.hasEnded || this.#child.pid === undefined) return;
    const gone = once(this.#child, 'exit');
    this.signal('SIGCONT');
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), STOP_GRACE_MS);
    await gone;
    clearTimeout(timer);
  }
}
