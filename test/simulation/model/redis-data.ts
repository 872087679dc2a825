import type { QueueData } from './queue-data.js';

export type StreamEntry = [id: string, fields: string[]];

interface Stream {
  /** Oldest first. */
  entries: StreamEntry[];
  lastMs: number;
  sequence: number;
}

/** What a Redis holds. `now` is its own clock. */
export class RedisData {
  strings = new Map<string, { readonly value: string; readonly until: number }>();
  hashes = new Map<string, Map<string, string>>();
  streams = new Map<string, Stream>();
  /** BullMQ's queues, by name. */
  queues = new Map<string, QueueData>();
  /** Entries that were ever added to a stream. */
  numAdded = 0;

  constructor(readonly now: () => number) {}

  get(key: string): string | null {
    const held = this.strings.get(key);
    return held !== undefined && held.until > this.now() ? held.value : null;
  }

  set(key: string, value: string, ttlMs: number): void {
    this.strings.set(key, { value, until: this.now() + ttlMs });
  }

  /** Keys of strings that begin so. */
  keys(prefix: string): string[] {
    return [...this.strings.keys()].filter((key) => key.startsWith(prefix) && this.get(key) !== null);
  }

  hash(key: string): Map<string, string> {
    const held = this.hashes.get(key) ?? new Map<string, string>();
    this.hashes.set(key, held);
    return held;
  }

  add(key: string, fields: string[]): string {
    const stream = this.streams.get(key) ?? { entries: [], lastMs: 0, sequence: 0 };
    this.streams.set(key, stream);
    const ms = Math.max(Math.floor(this.now()), stream.lastMs);
    stream.sequence = ms === stream.lastMs ? stream.sequence + 1 : 0;
    stream.lastMs = ms;
    const id = `${ms}-${stream.sequence}`;
    stream.entries.push([id, fields]);
    this.numAdded += 1;
    return id;
  }

  entriesAfter(key: string, id: string): StreamEntry[] {
    const entries = this.entries(key);
    let from = entries.length;
    while (from > 0 && isAfter(entries[from - 1]?.[0] ?? '', id)) from -= 1;
    return entries.slice(from);
  }

  entries(key: string): readonly StreamEntry[] {
    return this.streams.get(key)?.entries ?? [];
  }

  /** As of now, to go back to. */
  copy(): RedisData {
    const copy = new RedisData(this.now);
    copy.numAdded = this.numAdded;
    copy.strings = new Map(this.strings);
    copy.hashes = new Map([...this.hashes].map(([key, fields]) => [key, new Map(fields)]));
    copy.streams = new Map(
      [...this.streams].map(([key, stream]) => [key, { ...stream, entries: [...stream.entries] }]),
    );
    copy.queues = new Map([...this.queues].map(([name, queue]) => [name, queue.copy()]));
    return copy;
  }
}

function isAfter(id: string, other: string): boolean {
  const [ms = 0, sequence = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherSequence = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && sequence > otherSequence);
}
