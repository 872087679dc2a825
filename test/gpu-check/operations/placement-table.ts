/** One kind of operation: how often it was placed, and on what. */
export interface Placement {
  readonly operation: string;
  readonly devices: readonly ('cpu' | 'gpu' | 'other')[];
  readonly count: number;
}

/** `I0000 ... placer.cc:172] training/Conv2D(Conv2D) placed on: /job:localhost/replica:0/task:0/device:GPU:0` */
const PLACED = /\((\w+)\) placed on: \S*\/device:(\w+):\d+/;
const NUM_LAST_LINES = 8;

/** Reads what TensorFlow's placer says, line by line. */
export class PlacementTable {
  readonly #counts = new Map<string, Map<'cpu' | 'gpu' | 'other', number>>();
  readonly #others: string[] = [];

  read(line: string): void {
    const [, operation, device] = PLACED.exec(line) ?? [];
    if (operation === undefined || device === undefined) {
      this.#others.push(line);
      if (this.#others.length > NUM_LAST_LINES) this.#others.shift();
      return;
    }
    const kind = device === 'CPU' ? 'cpu' : device === 'GPU' ? 'gpu' : 'other';
    const counts = this.#counts.get(operation) ?? new Map<'cpu' | 'gpu' | 'other', number>();
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    this.#counts.set(operation, counts);
  }

  /** By name. */
  rows(): readonly Placement[] {
    return [...this.#counts]
      .map(([operation, counts]) => ({
        operation,
        devices: [...counts.keys()].sort(),
        count: [...counts.values()].reduce((sum, count) => sum + count, 0),
      }))
      .sort((a, b) => a.operation.localeCompare(b.operation));
  }

  /** The last lines that told no placement. */
  lastWords(): string {
    return this.#others.join('\n');
  }
}
