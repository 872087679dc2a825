/** What was made under a key is there already. */
export interface MadeOnce<T> {
  readonly made: T;
  readonly isReplay: boolean;
}

/** Makes one thing for each idempotency key: of two that ask at once the second gets what the first has made. */
export class OnceByKey<T> {
  readonly #underWay = new Map<string, Promise<T>>();

  /** `find`: what was made under the key before; it may throw. */
  async make(
    key: string | undefined,
    find: (key: string) => T | undefined,
    make: () => Promise<T>,
  ): Promise<MadeOnce<T>> {
    if (key === undefined) return { made: await make(), isReplay: false };
    while (this.#underWay.has(key)) await this.#underWay.get(key)?.catch(() => undefined);
    const held = find(key);
    if (held !== undefined) return { made: held, isReplay: true };
    const making = make();
    this.#underWay.set(key, making);
    try {
      return { made: await making, isReplay: false };
    } finally {
      this.#underWay.delete(key);
    }
  }
}
