import { readFile } from 'node:fs/promises';
import type { Stack } from '../../apps/cli/src/local-stack/index.js';
import { percentile } from './percentiles.js';

const SAMPLE_MS = 2_000;
/** Loading and the first steps of a process are not what grows. */
const WARM_UP_SAMPLES = 15;
/** So many samples of one process say something. */
const LEAST_SAMPLES = 45;
const ALLOWED_GROWTH = 1.25;
const ALLOWED_BYTES = 48 * 2 ** 20;

/** How the resident memory of one process went. */
interface MemoryTrend {
  readonly name: string;
  readonly pid: number;
  readonly samples: number;
  /** Medians of the first and last third after the warm-up. */
  readonly earlyBytes: number;
  readonly lateBytes: number;
  readonly isFlat: boolean;
}

/** Samples the resident memory of all processes of a stack. */
export class MemoryWatch {
  readonly #samples = new Map<string, number[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(stack: () => Stack) {
    this.#timer = setInterval(() => void this.#sample(stack()), SAMPLE_MS);
  }

  /** Trends of those that lived long enough to have one. */
  trends(): readonly MemoryTrend[] {
    return [...this.#samples].flatMap(([key, all]) => {
      const warm = all.slice(WARM_UP_SAMPLES);
      if (warm.length < LEAST_SAMPLES) return [];
      const third = Math.floor(warm.length / 3);
      const earlyBytes = percentile(warm.slice(0, third), 0.5) ?? 0;
      const lateBytes = percentile(warm.slice(-third), 0.5) ?? 0;
      const [name = '', pid = ''] = key.split(' ');
      const isFlat = lateBytes <= earlyBytes * ALLOWED_GROWTH || lateBytes - earlyBytes <= ALLOWED_BYTES;
      return [{ name, pid: Number(pid), samples: all.length, earlyBytes, lateBytes, isFlat }];
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #sample(stack: Stack): Promise<void> {
    for (const { name, pid } of stack.processes()) {
      if (pid === null) continue;
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN);
      if (Number.isNaN(kilobytes)) continue;
      const key = `${name} ${pid}`;
      this.#samples.set(key, [...(this.#samples.get(key) ?? []), kilobytes * 1024]);
    }
  }
}
