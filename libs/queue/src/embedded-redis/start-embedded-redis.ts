import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { watchedCommand } from '#telemetry';
import { provisionRedis } from './provision-redis.js';
import { answersAs } from './answers-as.js';
import { freePort } from './free-port.js';

export interface EmbeddedRedisOptions {
  /** The stack's data directory; the server keeps its append-only file in `redis/` below it. */
  readonly dataDirectory: string;
  /** Loopback port. Default: a free one. */
  readonly port?: number;
  /** Program to start. Default: what `provisionRedis()` finds. */
  readonly command?: string;
  /** Where the server's own log goes. Default `server.log` beside its data. */
  readonly logFile?: string;
  /** How long it may take to read its data and answer. Default 60 000. */
  readonly startTimeoutMs?: number;
}

/** A server of our own. It stops when this process is gone, whichever way that went. */
export interface EmbeddedRedis {
  /** `redis://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when the server is gone, with what ended it. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Saves and stops; after `graceMs` (default 10 000) with SIGKILL. */
  stop(graceMs?: number): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 10_000;

/**
 * Starts Redis or Valkey on loopback with an append-only file and `noeviction`, and waits until it answers PING.
 * @throws Error with the end of the server's log if it does not come up.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const command = options.command ?? (await provisionRedis()).command;
  const directory = resolve(options.dataDirectory, 'redis');
  await mkdir(directory, { recursive: true });
  const logFile = options.logFile ?? join(directory, 'server.log');
  const port = options.port ?? (await freePort());
  const log = await open(logFile, 'a');
  let child: ChildProcess;
  let exited: EmbeddedRedis['exited'];
  try {
    const watched = watchedCommand(command, serverArguments(port, directory));
    // A session of its own: an interrupt at the terminal goes to the launcher, which stops the server last.
    child = spawn(watched.file, watched.args, {
      stdio: ['pipe', log.fd, log.fd],
      detached: true,
    });
    // Before anything is waited for: it may stop at once.
    exited = exitOf(child);
  } finally {
    await log.close();
  }
  const { pid } = child;
  if (pid === undefined) {
    await exited;
    throw new Error('Redis: /bin/sh could not be started');
  }
  const ready = await waitUntilReady({ pid, port, exited }, options.startTimeoutMs ?? START_TIMEOUT_MS);
  if (ready !== undefined) {
    child.kill('SIGKILL');
    await exited;
    throw new Error(`Redis on port ${port} ${ready}. The end of ${logFile}:\n${await tailOf(logFile)}`);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid,
    exited,
    stop: async (graceMs = STOP_GRACE_MS) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
    },
  };
}

function serverArguments(port: number, directory: string): string[] {
  const network = ['--port', String(port), '--bind', '127.0.0.1', '--protected-mode', 'yes', '--daemonize', 'no'];
  // Every write is in the append-only file, so snapshots would only cost a fork.
  const durability = ['--appendonly', 'yes', '--save', '', '--dir', directory];
  return [...network, ...durability, '--maxmemory-policy', 'noeviction'];
}

async function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return await new Promise((resolveExit) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
      // Lets the watcher end too.
      child.stdin?.destroy();
      resolveExit({ code, signal });
    };
    child.once('exit', settle);
    child.once('error', () => settle(null, null));
  });
}

/** Undefined when it answers, else why not, in words. */
async function waitUntilReady(
  server: Pick<EmbeddedRedis, 'pid' | 'port' | 'exited'>,
  timeoutMs: number,
): Promise<string | undefined> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const gone = server.exited.then(({ code, signal }) => `stopped at once with ${signal ?? `code ${code}`}`);
  const answered = answersAs(server.pid, server.port, stop.signal).then((isReady) =>
    isReady ? undefined : `did not answer within ${timeoutMs / 1000} s`,
  );
  try {
    return await Promise.race([answered, gone]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

async function tailOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-10).join('\n');
}
