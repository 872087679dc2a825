/** Calls that come one upon another are taken together. */
const GATHER_MS = 20;

/** Runs a task every period and soon after each `wake`, never twice at once; a task that throws is run again. */
export class ReconcileLoop {
  readonly #task: () => Promise<void>;
  readonly #periodMs: number;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isWoken = false;
  #isClosed = false;

  constructor(task: () => Promise<void>, periodMs: number, onError: (error: unknown) => void) {
    this.#task = task;
    this.#periodMs = periodMs;
    this.#onError = onError;
  }

  start(): void {
    this.#schedule(0);
  }

  wake(): void {
    if (this.#running) this.#isWoken = true;
    else this.#schedule(GATHER_MS);
  }

  /** Resolves when the task in hand is done; none begins after. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(delayMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, delayMs);
  }

  async #run(): Promise<void> {
    this.#isWoken = false;
    try {
      await this.#task();
    } catch (error) {
      this.#onError(error);
    }
    this.#running = undefined;
    this.#schedule(this.#isWoken ? GATHER_MS : this.#periodMs);
  }
}
