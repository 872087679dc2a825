import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';

const lineSchema = z.looseObject({ msg: z.string() });
/** One line of a worker's log: its event and what comes with it. */
export type LogLine = Readonly<z.infer<typeof lineSchema>>;

const ENTRY = join(import.meta.dirname, '..', '..', '..', '..', 'dist', 'programs', 'worker.js');
const WAIT_MS = 60_000;

/** A real worker as it was built (`dist/`), with its log read line by line. Killed when disposed of. */
export class WorkerProcess implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
  readonly #child: ChildProcess;
  #text = '';
  #onLine = (): void => undefined;

  /** @param environment beside this process' own; `PATH` is what it finds driver tools on */
  constructor(redisUrl: string, environment: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [ENTRY], {
      env: { ...process.env, REDIS_URL: redisUrl, SKIPLANE_ENGINES: '1', LOG_LEVEL: 'info', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.ended = new Promise((resolve) => this.#child.once('close', (code, signal) => resolve(signal ?? code)));
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The first line of that event, whenever it comes. */
  async logged(event: string): Promise<LogLine> {
    const deadline = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const found = this.lines.find(({ msg }) => msg === event);
      if (found) return found;
      await new Promise<void>((resolve, reject) => {
        this.#onLine = resolve;
        const words = (): string => `no ${event}; the log: ${JSON.stringify(this.lines)}`;
        const late = (): void => reject(new Error(`${words()} after ${WAIT_MS / 1000} s`));
        deadline.addEventListener('abort', late, { once: true });
        void this.ended.then((code) => reject(new Error(`${words()}; it ended with ${code}`)));
      });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #read(text: string): void {
    const parts = (this.#text + text).split('\n');
    this.#text = parts.pop() ?? '';
    for (const part of parts) if (part.startsWith('{')) this.lines.push(lineSchema.parse(JSON.parse(part)));
    this.#onLine();
  }
}
