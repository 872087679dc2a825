import { fork, type ChildProcess } from 'node:child_process';
import type { OnModuleDestroy } from '@nestjs/common';
import { RefusedInputError, type DatasetSpec } from '#contracts';
import type { StoreSettings } from '#stores';
import { decodeError } from '#threads';
import type { InspectedDataset, ScanOrder, ScanReply } from './scan-messages.js';

/** The coordinator goes down, so that nobody looks any more. */
export class ScanEndedError extends Error {
  override readonly name = 'ScanEndedError';
}

/** Is told in words how far the looking is. */
export type TellProgress = (message: string) => void;

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
  readonly key: string;
  readonly spec: DatasetSpec;
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

  /** Rejects with RefusedInputError naming every fault found. Who asks while another's look at it waits to begin shares it. */
  async inspect(spec: DatasetSpec, tell: TellProgress): Promise<InspectedDataset> {
    if (this.#isClosed) throw goingDown();
    const key = JSON.stringify(spec);
    const scan = this.#waiting.find((one) => one.key === key) ?? this.#add(key, spec);
    scan.listeners.add(tell);
    if (this.#running.size > 0) tell('waits for other data sets to be looked at');
    this.#begin();
    return await scan.done;
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
    const scan = { key, spec, listeners: new Set<TellProgress>(), done, watch: undefined, settle };
    this.#waiting.push(scan);
    return scan;
  }

  #begin(): void {
    while (this.#running.size < MOST_AT_ONCE && !this.#isClosed) {
      const scan = this.#waiting.shift();
      if (scan === undefined) return;
      this.#lastId += 1;
      this.#running.set(this.#lastId, scan);
      this.#watch(scan);
      this.#send({ id: this.#lastId, spec: scan.spec, ...this.#places() });
    }
  }

  #places(): Pick<ScanOrder, 'keptFolder' | 'stores'> {
    const { keptFolder, stores } = this.#options;
    return { keptFolder, stores };
  }

  #send(order: ScanOrder): void {
    this.#child ??= this.#start();
    // One that has just ended answers by its exit.
    this.#child.send(order, () => undefined);
  }

  #start(): ChildProcess {
    const child = fork(this.#options.processUrl ?? new URL('./dataset-scan-process.js', import.meta.url), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // It ends with the coordinator, and keeps it from nothing.
    child.unref();
    child.channel?.unref();
    child.on('message', (reply: ScanReply) => this.#take(reply));
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      // It ended for want of orders, just as one came.
      if (code === 0) for (const [id, { spec }] of this.#running) this.#send({ id, spec, ...this.#places() });
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
      for (const tell of scan.listeners) tell(words);
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
