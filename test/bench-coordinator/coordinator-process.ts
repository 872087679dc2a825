import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('../../apps/coordinator/src/main.js', import.meta.url));
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 10;

/** The time of one request. */
export interface Answer {
  readonly ms: number;
  readonly bytes: number;
  readonly body: unknown;
}

/** A coordinator as a process of its own. */
export class CoordinatorProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly url: string;
  /** From the start of the process to its first answer. */
  readonly startMs: number;

  private constructor(child: ChildProcess, url: string, startMs: number) {
    this.#child = child;
    this.url = url;
    this.startMs = startMs;
  }

  static async start(dataDirectory: string, redisUrl: string): Promise<CoordinatorProcess> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const begun = performance.now();
    const child = spawn(process.execPath, [ENTRY], {
      env: {
        ...process.env,
        SKIPLANE_DATA_DIR: dataDirectory,
        REDIS_URL: redisUrl,
        PORT: String(port),
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the coordinator ended with code ${child.exitCode}`);
      if (performance.now() - begun > START_TIMEOUT_MS) {
        child.kill('SIGKILL');
        throw new Error(`the coordinator did not answer within ${START_TIMEOUT_MS / 1_000} s`);
      }
      const isThere = await fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isThere) return new CoordinatorProcess(child, url, performance.now() - begun);
      await delay(POLL_MS);
    }
  }

  async get(path: string): Promise<Answer> {
    const begun = performance.now();
    const response = await fetch(this.url + path);
    const text = await response.text();
    const ms = performance.now() - begun;
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return { ms, bytes: Buffer.byteLength(text), body: JSON.parse(text) };
  }

  /** Resident memory in bytes: now, and the most since `forgetPeak`. */
  async memory(): Promise<{ readonly now: number; readonly peak: number }> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1_024;
    return { now: kib('VmRSS'), peak: kib('VmHWM') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
