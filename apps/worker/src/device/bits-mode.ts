import { withBits, type Bits } from '#contracts';
import { bitsEnvironment } from '#tensorflow-runtime';

/**
 * Whether TensorFlow in this process computes exact or fast bits on its GPU. It reads that once, from the environment,
 * so the first run decides, and a run of the other kind needs another process. A CPU has one kind of bits.
 */
export class BitsMode {
  #bits: Bits | null = null;

  readonly #isGpu: boolean;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(isGpu: boolean, environment: NodeJS.ProcessEnv = process.env) {
    this.#isGpu = isGpu;
    this.#environment = environment;
  }

  /** Before anything loads TensorFlow for a run or a prediction. False: this process computes the other bits. */
  enter(bits: Bits): boolean {
    if (!this.#isGpu || this.#bits === bits) return true;
    if (this.#bits !== null) return false;
    this.#bits = bits;
    Object.assign(this.#environment, bitsEnvironment(bits));
    return true;
  }

  /** For what is the same to its user with any bits. */
  enterAny(): void {
    if (this.#bits === null) this.enter('exact');
  }

  /** A device's fingerprint as it computes now. */
  fingerprint(fingerprint: string): string {
    return this.#bits === null ? fingerprint : withBits(fingerprint, this.#bits);
  }
}
