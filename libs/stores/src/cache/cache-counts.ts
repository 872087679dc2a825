const COUNTS = ['hits', 'misses', 'fetchedBytes'] as const;
type Count = (typeof COUNTS)[number];

/** What the threads of a process ask of the shard cache, counted in memory that they share. */
export class CacheCounts {
  readonly #counts: BigInt64Array;

  /** `memory`: of the counts that this thread shares. Default: counts of its own. */
  constructor(readonly memory = new SharedArrayBuffer(COUNTS.length * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.#counts = new BigInt64Array(memory);
  }

  /** A file that a reader asked for was in the cache, or it waited for it. */
  asked(isHere: boolean): void {
    this.#add(isHere ? 'hits' : 'misses', 1);
  }

  fetched(numBytes: number): void {
    this.#add('fetchedBytes', numBytes);
  }

  read(): { readonly numHits: number; readonly numMisses: number; readonly fetchedBytes: number } {
    return { numHits: this.#of('hits'), numMisses: this.#of('misses'), fetchedBytes: this.#of('fetchedBytes') };
  }

  #add(count: Count, value: number): void {
    Atomics.add(this.#counts, COUNTS.indexOf(count), BigInt(value));
  }

  #of(count: Count): number {
    return Number(Atomics.load(this.#counts, COUNTS.indexOf(count)));
  }
}
