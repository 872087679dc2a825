import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunView } from '#contracts';
import { freePort } from '#queue';
import type { StackOptions } from '../../apps/cli/src/local-stack/index.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';
import { HostProcess } from '../support/host-process.js';

/** Debian's servers are there, also where a user's PATH leaves it out. */
const SYSTEM_PROGRAMS = '/usr/sbin';
const WAIT_MS = 60_000;
const POLL_MS = 100;
const TAIL_LINES = 12;

/** A small run's end. */
interface Undisturbed {
  readonly weightsSha256: string | null;
}

let undisturbed: Promise<Undisturbed> | undefined;

/** What one scenario starts and asks; all of it is stopped when the scenario has ended, the last one first. */
export class Operation implements AsyncDisposable {
  readonly #processes = new Map<string, HostProcess>();
  readonly #stacks: TrainingStack[] = [];
  readonly #ends: (() => Promise<void>)[] = [];

  private constructor(
    /** Its own, for configuration, data and logs. */
    readonly folder: string,
    readonly note: (line: string) => void,
  ) {
    // The stacks end by themselves when this process is gone, the other programs do not.
    process.once('exit', this.#kill);
  }

  static async begin(note: (line: string) => void): Promise<Operation> {
    return new Operation(await mkdtemp(join(tmpdir(), 'skiplane-operations-')), note);
  }

  /** A loopback port that nobody listens on now. */
  freePort(): Promise<number> {
    return freePort();
  }

  /** Starts a program; its output is `log(name)`. A name may be used again when its program has ended. */
  start(name: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): HostProcess {
    const path = `${process.env['PATH'] ?? ''}:${SYSTEM_PROGRAMS}`;
    const started = new HostProcess({ name, command, env: { PATH: path, ...env }, logFile: this.#logFile(name) });
    this.#processes.set(name, started);
    this.#ends.push(() => started.stop());
    return started;
  }

  /** Starts one of our apps (`coordinator`, `worker`, `parameter-server`) by hand, as a unit file would. */
  startApp(app: string, env: Readonly<Record<string, string>>, name: string = app): HostProcess {
    const entry = new URL(`../../programs/${app}.js`, import.meta.url).pathname;
    return this.start(name, [process.execPath, entry], env);
  }

  /** Waits until a program has ended by itself. */
  async ended(program: HostProcess, timeoutMs: number = WAIT_MS): Promise<void> {
    await this.until(
      `the end of ${program.name}`,
      () => program.hasEnded,
      (hasEnded) => hasEnded,
      timeoutMs,
    );
  }

  /** What a program has printed; empty before it was started. */
  async log(name: string): Promise<string> {
    return existsSync(this.#logFile(name)) ? readFile(this.#logFile(name), 'utf8') : '';
  }

  /** Waits for an answer that holds; what `ask` throws is no answer yet. */
  async until<T>(
    what: string,
    ask: () => T | Promise<T>,
    holds: (answer: T) => boolean,
    timeoutMs = WAIT_MS,
  ): Promise<T> {
    const attempt = async (): Promise<{ readonly answer: T } | { readonly error: string }> => {
      try {
        return { answer: await ask() };
      } catch (error) {
        return { error: String(error) };
      }
    };
    const wait = { what, timeoutMs, everyMs: POLL_MS };
    const got = await until(attempt, (each) => 'answer' in each && holds(each.answer), wait);
    if ('error' in got) throw new Error(got.error);
    return got.answer;
  }

  /** A whole stack with a small data set: Redis (unless `redisUrl` names one), coordinator, parameter servers, workers. */
  async startStack(options: Partial<StackOptions> = {}): Promise<TrainingStack> {
    const stack = await TrainingStack.start({ parameterServers: 1, workers: 1, ...options });
    this.#stacks.push(stack);
    this.#ends.push(() => stack[Symbol.asyncDispose]());
    return stack;
  }

  /** The small run `stack.spec()` as it ends where nothing happens to it; trained once for all scenarios. */
  undisturbed(): Promise<Undisturbed> {
    undisturbed ??= trainUndisturbed();
    return undisturbed;
  }

  /** Waits for the end of a small run and throws unless it is what the undisturbed one is: the same weights, a whole ledger. */
  async endsAsUndisturbed(stack: TrainingStack, runId: string): Promise<RunView> {
    const { weightsSha256 } = await this.undisturbed();
    const view = await stack.finished(runId);
    if (view.weightsSha256 !== weightsSha256)
      throw new Error(`other weights: ${view.weightsSha256}, undisturbed ${weightsSha256}`);
    if (!isWhole(view)) throw new Error(`the ledger is not whole: ${JSON.stringify(view.ledger)}`);
    return view;
  }

  /** A secret for what is tried. */
  secret(): string {
    return randomBytes(12).toString('hex');
  }

  /** The ends of all logs, for whoever looks into a failure. */
  async tails(): Promise<string> {
    const own = [...this.#processes.keys()].map((name) => ({ name, logFile: this.#logFile(name) }));
    const texts = await Promise.all(
      [...own, ...this.#stacks.flatMap(({ stack }) => stack.processes())].map(async ({ name, logFile }) => {
        const lines = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-TAIL_LINES);
        return `--- ${name}\n${lines.map((line) => line.slice(0, 600)).join('\n')}`;
      }),
    );
    return texts.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
    process.off('exit', this.#kill);
    await rm(this.folder, { recursive: true, force: true });
  }

  readonly #kill = (): void => {
    for (const program of this.#processes.values()) program.signal('SIGKILL');
  };

  #logFile(name: string): string {
    return join(this.folder, `${name}.log`);
  }
}

async function trainUndisturbed(): Promise<Undisturbed> {
  await using stack = await TrainingStack.start({ workers: 1, parameterServers: 1 });
  return await stack.finished(await stack.submit());
}
