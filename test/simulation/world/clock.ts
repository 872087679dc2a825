/** Whose an event is: it is dropped when its owner is dead and waits while its owner is frozen. */
export interface Owner {
  readonly name: string;
  readonly isAlive: boolean;
  readonly frozenUntil: number;
  /** An event threw what nobody caught. */
  crashed(error: unknown): void;
}

export interface ScheduledEvent {
  at: number;
  readonly order: number;
  readonly owner: Owner;
  readonly task: () => void;
  isCancelled: boolean;
}

/** A turn of the real event loop, in which promises settle; taken before anything replaces it. */
const realSetImmediate = setImmediate;

/** Virtual milliseconds at which every world begins: a date, because production code stores dates. */
export const EPOCH_MS = Date.UTC(2030, 0, 1);

/**
 * Virtual time. Events happen one after the other, ordered by time and then by when they were scheduled, and all
 * promises an event settles have run before the next one happens: so one process is at work at any moment, `current`
 * says which, and the same seed gives the same run.
 */
export class Clock {
  now = EPOCH_MS;
  current: Owner | null = null;
  numEvents = 0;
  /** Depends on which events happened when and to whom: equal for two runs that went alike. */
  digest = 0x811c9dc5;
  readonly #heap: ScheduledEvent[] = [];
  #scheduled = 0;

  schedule(owner: Owner, delayMs: number, task: () => void): ScheduledEvent {
    this.#scheduled += 1;
    const event = { at: this.now + Math.max(0, delayMs), order: this.#scheduled, owner, task, isCancelled: false };
    this.#push(event);
    return event;
  }

  /** Lets events happen until `isOver`, asked before each, or until none is left. */
  async run(isOver: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const turn = (): void => {
        const event = isOver() ? undefined : this.#next();
        if (event === undefined) {
          this.current = null;
          resolve();
          return;
        }
        this.#happen(event);
        realSetImmediate(turn);
      };
      realSetImmediate(turn);
    });
  }

  #happen(event: ScheduledEvent): void {
    this.now = event.at;
    this.current = event.owner;
    this.numEvents += 1;
    this.digest = Math.imul(this.digest ^ Math.floor(event.at * 1_000), 0x01000193) ^ event.owner.name.length;
    try {
      event.task();
    } catch (error) {
      event.owner.crashed(error);
    }
  }

  #next(): ScheduledEvent | undefined {
    for (let event = this.#pop(); event !== undefined; event = this.#pop()) {
      if (event.isCancelled || !event.owner.isAlive) continue;
      if (event.owner.frozenUntil <= event.at) return event;
      event.at = event.owner.frozenUntil;
      this.#push(event);
    }
    return undefined;
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): ScheduledEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || first === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let smaller = left;
      if (right !== undefined && isBefore(right, left)) {
        smaller = right;
        child += 1;
      }
      if (isBefore(last, smaller)) break;
      heap[index] = smaller;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(one: ScheduledEvent, other: ScheduledEvent): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
