import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '#queue';
import { HostProcess } from '../support/host-process.js';

const ENTRY = fileURLToPath(new URL('../../programs/coordinator.js', import.meta.url));
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
  readonly #process: HostProcess;
  readonly url: string;
  /** From the start of the process to its first answer. */
  readonly startMs: number;

  private constructor(process: HostProcess, url: string, startMs: number) {
    this.#process = process;
    this.url = url;
    this.startMs = startMs;
  }

  static async start(dataDirectory: string, redisUrl: string): Promise<CoordinatorProcess> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const logFile = join(dataDirectory, 'coordinator.log');
    const begun = performance.now();
    const coordinator = new HostProcess({
      name: 'coordinator',
      command: [process.execPath, ENTRY],
      env: { SKIPLANE_DATA_DIR: dataDirectory, REDIS_URL: redisUrl, PORT: String(port), LOG_LEVEL: 'error' },
      logFile,
    });
    for (;;) {
      if (coordinator.hasEnded) throw new Error(`the coordinator ended: ${await readFile(logFile, 'utf8')}`);
      if (performance.now() - begun > START_TIMEOUT_MS) {
        await coordinator.stop('SIGKILL');
        throw new Error(`the coordinator did not answer within ${START_TIMEOUT_MS / 1_000} s`);
      }
      const isThere = await fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isThere) return new CoordinatorProcess(coordinator, url, performance.now() - begun);
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
    const status = await readFile(`/proc/${this.#process.pid}/status`, 'utf8');
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1_024;
    return { now: kib('VmRSS'), peak: kib('VmHWM') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
  }
}
