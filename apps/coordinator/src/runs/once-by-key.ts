/** What was made under a key is there already. */
export interface MadeOnce<T> {
  readonly made: T;
  readonly isReplay: boolean;
}

/** Makes one thing for each idempotency key: of two that ask at once the second gets what the first has made. */
export class OnceByKey<T> {
  readonly #underWay = new Map<string, Promise<MadeOnce<T>>>();

  /** `find`: what was made under the key before; it may throw. */
  async make(
    key: string | undefined,
    find: (key: string) => T | undefined | Promise<T | undefined>,
    make: () => Promise<T>,
  ): Promise<MadeOnce<T>> {
    if (key === undefined) return { made: await make(), isReplay: false };
    while (this.#underWay.has(key)) await this.#underWay.get(key)?.catch(() => undefined);
    // Without a wait since the last look: who comes next waits for this one.
    const making = this.#foundOrMade(key, find, make);
    this.#underWay.set(key, making);
    try {
      return await making;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #foundOrMade(
    key: string,
    find: (key: string) => T | undefined | Promise<T | undefined>,
    make: () => Promise<T>,
  ): Promise<MadeOnce<T>> {
    const held = await find(key);
    return held === undefined ? { made: await make(), isReplay: false } : { made: held, isReplay: true };
  }
}
