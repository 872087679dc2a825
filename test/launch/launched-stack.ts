import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '#files';
import { packageRoot } from '../../apps/cli/src/local-stack/package-root.js';
import { until } from '../../apps/coordinator/src/testing/until.js';

export const ROOT = packageRoot();
/** The launchers a user has; each takes the arguments of `skiplane up`. */
export const LAUNCHERS = {
  'npm start': ['npm', 'start', '--'],
  'npx skiplane up': ['npx', 'skiplane', 'up'],
  'skiplane.mjs up': [process.execPath, join(ROOT, 'apps', 'cli', 'bin', 'skiplane.mjs'), 'up'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

const START_MS = 90_000;
const STOP_MS = 30_000;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a login gives, and nothing that is set where the tests run. */
function cleanEnvironment(): Environment {
  const { PATH, HOME } = process.env;
  return { PATH, HOME };
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface LaunchOptions {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Environment;
  readonly uid?: number;
}

/** A program of ours as a user starts it, with what it says. */
export class Launched implements Disposable {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  text = '';

  constructor({ command = LAUNCHERS['skiplane.mjs up'], args = [], env = {}, uid }: LaunchOptions) {
    const [program = '', ...given] = command;
    this.child = spawn(program, [...given, ...args], {
      cwd: ROOT,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as a shell makes one of what is typed.
      detached: true,
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (part: string) => (this.text += part));
    this.ended = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('it was not started');
    return this.child.pid;
  }

  /** Resolves when it has ended with what it said. */
  async end(): Promise<Ended & { readonly text: string }> {
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    const timer = setTimeout(() => this[Symbol.dispose](), START_MS);
    const ended = await this.ended;
    await closed;
    clearTimeout(timer);
    return { ...ended, text: this.text };
  }

  [Symbol.dispose](): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  }
}

/** A stack that was started by a launcher, up; its data are in a folder of its own. */
export class LaunchedStack implements AsyncDisposable {
  private constructor(
    readonly launched: Launched,
    readonly folder: string,
  ) {}

  static async start(options: LaunchOptions = {}, folder = newFolder()): Promise<LaunchedStack> {
    const env = { SKIPLANE_DATA_DIR: folder, SKIPLANE_ENGINE: 'portable', PORT: '0', ...options.env };
    const stack = new LaunchedStack(new Launched({ ...options, env }), folder);
    try {
      await until(
        () => stack.launched.child.exitCode !== null || stack.text.includes('Ctrl-C stops it.'),
        (isOver) => isOver,
        { timeoutMs: START_MS },
      );
      if (stack.launched.child.exitCode !== null) throw new Error(`it ended: ${stack.text}`);
      return stack;
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw new Error(`it is not up; it said: ${stack.text}`, { cause: error });
    }
  }

  get text(): string {
    return this.launched.text;
  }

  get url(): string {
    return /Skiplane is up: (\S+)/.exec(this.text)?.[1] ?? '';
  }

  /** The processes that the launcher named. */
  get pids(): readonly number[] {
    return [...this.text.matchAll(/^ {2}\S+ +pid (\d+)$/gm)].map(([, pid]) => Number(pid));
  }

  pidOf(name: string): number {
    return Number(new RegExp(`^ {2}${name} +pid (\\d+)$`, 'm').exec(this.text)?.[1]);
  }

  log(name: string): string {
    const path = join(this.folder, 'logs', `${name}.log`);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Resolves when no process of the stack is left, and its data directory is free again. */
  async gone(): Promise<void> {
    await until(
      () => [...this.pids, ...launchersOf(this.folder)].filter(isAlive),
      (alive) => alive.length === 0,
      { timeoutMs: STOP_MS },
    );
    await until(
      () => existsSync(join(this.folder, 'stack.lock')),
      (isLocked) => !isLocked,
      { timeoutMs: STOP_MS },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of [this.launched.child.pid, ...launchersOf(this.folder)]) {
      if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGTERM');
    }
    try {
      if (this.pids.length > 0) await this.gone();
    } finally {
      this.launched[Symbol.dispose]();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'skiplane-launch-'));
}

/** Who holds the stack's lock: the launcher, whoever started it. */
function launchersOf(folder: string): readonly number[] {
  try {
    const { pid } = JSON.parse(readFileSync(join(folder, 'stack.lock'), 'utf8')) as { readonly pid: number };
    return [pid];
  } catch {
    return [];
  }
}
