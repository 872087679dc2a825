import type { ChildProcess } from 'node:child_process';
import type { OnModuleDestroy } from '@nestjs/common';
import { RefusedInputError, type DatasetSpec } from '#contracts';
import { surveyKey } from '#dataset';
import type { StoreSettings } from '#stores';
import { decodeError, forkHelper } from '#threads';
import type { InspectedDataset, ScanOrder, ScanReply } from './scan-messages.js';

/** The coordinator goes down, so that nobody looks any more. */
export class ScanEndedError extends Error {
  override readonly name = 'ScanEndedError';
}

/** Is told in words how far the looking is, and in images; `undefined`: it waits to begin. */
export type TellProgress = (message: string, numSamples?: number) => void;

export interface InspectOptions {
  /** Ends this wait; the look itself ends where nobody else waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** Nobody waits for it: whoever does comes first, and one such look at a time is enough. */
  readonly isBackground?: boolean | undefined;
}

export interface DatasetScansOptions {
  /** Where what was found is kept. */
  readonly keptFolder: string;
  /** How this host reaches stores. */
  readonly stores: StoreSettings;
  /** A process that gives no sign for so long is ended: its disk does not answer. Default 10 min. */
  readonly silentMs?: number | undefined;
  /** Compiled entry of the scanning process. Default: the one beside this file. */
  readonly processUrl?: URL | undefined;
}

interface Scan {
  /** Who asks for the same shares it. */
  readonly key: string;
  /** What is looked at; two looks at the same would wait for each other. */
  readonly place: string;
  readonly spec: DatasetSpec;
  isBackground: boolean;
  readonly listeners: Set<TellProgress>;
  readonly done: Promise<InspectedDataset>;
  watch: NodeJS.Timeout | undefined;
  readonly settle: (outcome: InspectedDataset | Error) => void;
}

/** Each holds an index in memory, 67 MB for ImageNet, and more of them do not make a disk faster. */
const MOST_AT_ONCE = 2;
/** Each single look at a disk ends after half a minute; the list of a large bucket takes minutes. */
const SILENT_MS = 600_000;

/** Looks at data sets, in a process of its own that ends when it has nothing to do. */
export class DatasetScans implements OnModuleDestroy {
  readonly #options: DatasetScansOptions;
  readonly #waiting: Scan[] = [];
  readonly #running = new Map<number, Scan>();
  #child: ChildProcess | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: DatasetScansOptions) {
    this.#options = options;
  }

  /** Where what was found is kept. */
  get keptFolder(): string {
    return this.#options.keptFolder;
  }

  /**
   * Rejects with RefusedInputError naming every fault found, or with the signal's reason. Who asks while another's look at it waits
   * to begin shares it.
   */
  async inspect(
    spec: DatasetSpec,
    tell: TellProgress,
    { signal, isBackground = false }: InspectOptions = {},
  ): Promise<InspectedDataset> {
    if (this.#isClosed) throw goingDown();
    signal?.throwIfAborted();
    const key = JSON.stringify({ ...spec, name: undefined });
    const scan = this.#waiting.find((one) => one.key === key) ?? this.#add(key, spec);
    scan.isBackground &&= isBackground;
    // A function of its own, whoever gave it: who leaves takes nobody else's with him.
    const listener: TellProgress = (message, numSamples) => tell(message, numSamples);
    scan.listeners.add(listener);
    this.#begin();
    if (this.#waiting.includes(scan)) listener('waits for other data sets to be looked at');
    if (signal === undefined) return await scan.done;
    const left = new Promise<never>((_, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          scan.listeners.delete(listener);
          if (scan.listeners.size === 0) this.#cancel(scan);
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
    return await Promise.race([scan.done, left]);
  }

  /** Ends the process; what is under way rejects. Comes first in a shutdown: studies and requests wait for scans. */
  onModuleDestroy(): void {
    this.#isClosed = true;
    this.#child?.kill('SIGKILL');
    const under = [...this.#running.values(), ...this.#waiting.splice(0)];
    this.#running.clear();
    for (const scan of under) scan.settle(goingDown());
  }

  #add(key: string, spec: DatasetSpec): Scan {
    let settle: Scan['settle'] = () => undefined;
    const done = new Promise<InspectedDataset>((resolve, reject) => {
      settle = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
    });
    // Whoever waits for it learns of it.
    done.catch(() => undefined);
    const listeners = new Set<TellProgress>();
    const place = surveyKey(spec);
    const scan: Scan = { key, place, spec, isBackground: true, listeners, done, watch: undefined, settle };
    this.#waiting.push(scan);
    return scan;
  }

  #cancel(scan: Scan): void {
    const at = this.#waiting.indexOf(scan);
    if (at >= 0) this.#waiting.splice(at, 1);
    for (const [id, running] of this.#running)
      if (running === scan) this.#child?.send({ kind: 'cancel', id }, () => undefined);
  }

  #begin(): void {
    while (this.#running.size < MOST_AT_ONCE && !this.#isClosed) {
      const scan = this.#takeNext();
      if (scan === undefined) return;
      this.#lastId += 1;
      this.#running.set(this.#lastId, scan);
      this.#watch(scan);
      this.#send(this.#lastId, scan);
    }
  }

  /** In the order they came, those first for which somebody waits. */
  #takeNext(): Scan | undefined {
    const running = [...this.#running.values()];
    const isFree = ({ place }: Scan): boolean => running.every((one) => one.place !== place);
    const free = this.#waiting.filter(isFree);
    const hasBackground = running.some(({ isBackground }) => isBackground);
    const next = free.find(({ isBackground }) => !isBackground) ?? (hasBackground ? undefined : free[0]);
    if (next !== undefined) this.#waiting.splice(this.#waiting.indexOf(next), 1);
    return next;
  }

  #send(id: number, { spec }: Scan): void {
    const { keptFolder, stores } = this.#options;
    const order: ScanOrder = { kind: 'scan', id, spec, keptFolder, stores };
    this.#child ??= this.#start();
    // One that has just ended answers by its exit.
    this.#child.send(order, () => undefined);
  }

  #start(): ChildProcess {
    const child = forkHelper(this.#options.processUrl ?? new URL('./dataset-scan-process.js', import.meta.url));
    child.on('message', (reply: ScanReply) => this.#take(reply));
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      // It ended for want of orders, just as one came.
      if (code === 0) for (const [id, scan] of this.#running) this.#send(id, scan);
      else this.#fail(`the process that looked at it ended with ${signal ?? `code ${code}`}`);
    });
    return child;
  }

  /** A call that hangs in the kernel ends with its process at best; nobody waits for it. */
  #watch(scan: Scan): void {
    const { silentMs = SILENT_MS } = this.#options;
    clearTimeout(scan.watch);
    scan.watch = setTimeout(() => {
      this.#child?.kill('SIGKILL');
      this.#child = undefined;
      this.#fail(`the disk did not answer for ${silentMs / 1000} s (${scan.spec.path})`);
    }, silentMs).unref();
  }

  #take(reply: ScanReply): void {
    const scan = this.#running.get(reply.id);
    if (scan === undefined) return;
    this.#watch(scan);
    if (reply.kind === 'progress') {
      const words = `looking at the data set: ${reply.numSamples.toLocaleString('en-US')} images`;
      for (const tell of scan.listeners) tell(words, reply.numSamples);
      return;
    }
    clearTimeout(scan.watch);
    this.#running.delete(reply.id);
    scan.settle(reply.kind === 'done' ? reply.dataset : scanFault(decodeError(reply.error)));
    this.#begin();
  }

  #fail(message: string): void {
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const scan of running) {
      clearTimeout(scan.watch);
      scan.settle(scanFault(new Error(message)));
    }
    this.#begin();
  }
}

function scanFault(cause: Error): Error {
  if (cause instanceof RefusedInputError) return cause;
  return new Error(`the data set could not be looked at: ${cause.message}`, { cause });
}

function goingDown(): ScanEndedError {
  return new ScanEndedError('the coordinator is going down');
}
