import type { Clock } from './clock.js';
import type { Random } from './random.js';
import type { SimulatedProcess } from './simulated-process.js';

/** How a link between two processes behaves now. */
export interface LinkState {
  /** Nothing gets through; what is sent waits, as TCP keeps trying. */
  isCut: boolean;
  /** Share of items that are lost once and sent again. */
  lossRate: number;
  /** Added to every item's way, in milliseconds. */
  extraDelayMs: number;
}

/** How long a lost segment takes to be sent again: TCP's smallest timeout. */
const RESEND_MS = 200;

/** The delays, losses and partitions between processes, by name, so that they outlive a restart. */
export class Network {
  readonly #links = new Map<string, LinkState>();
  readonly #waiting = new Set<Pipe<never>>();

  constructor(
    readonly clock: Clock,
    readonly random: Random,
  ) {}

  link(a: string, b: string): LinkState {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const held = this.#links.get(key);
    if (held !== undefined) return held;
    const fresh = { isCut: false, lossRate: 0, extraDelayMs: 0 };
    this.#links.set(key, fresh);
    return fresh;
  }

  delayMs(a: string, b: string): number {
    const { lossRate, extraDelayMs } = this.link(a, b);
    const base = 0.05 + this.random.next() ** 4 * 5 + extraDelayMs * this.random.between(0.5, 1);
    return lossRate > 0 && this.random.chance(lossRate) ? base + RESEND_MS * this.random.between(1, 2) : base;
  }

  /** @internal */
  waits(pipe: Pipe<never>): void {
    this.#waiting.add(pipe);
  }

  /** The links are whole again: what waited goes on its way. */
  mend(): void {
    for (const pipe of this.#waiting) {
      this.#waiting.delete(pipe);
      pipe.resume();
    }
  }

  /** Every link as on the first day. */
  mendAll(): void {
    for (const link of this.#links.values()) Object.assign(link, { isCut: false, lossRate: 0, extraDelayMs: 0 });
    this.mend();
  }
}

/** Two processes by name. */
interface Route {
  readonly from: string;
  readonly to: string;
}

/** One direction of a connection: items arrive in order, each at most once, none overtakes another. */
export class Pipe<Item> {
  readonly #network: Network;
  readonly #route: Route;
  readonly #owner: SimulatedProcess;
  readonly #deliver: (item: Item) => void;
  #items: Item[] = [];
  #lastAt = 0;
  #isStuck = false;
  isClosed = false;

  /** `owner` is at work when an item arrives. */
  constructor(network: Network, route: Route, owner: SimulatedProcess, deliver: (item: Item) => void) {
    this.#network = network;
    this.#route = route;
    this.#owner = owner;
    this.#deliver = deliver;
  }

  send(item: Item): void {
    if (this.isClosed) return;
    this.#items.push(item);
    this.#schedule();
  }

  /** What has not left yet never will: cuts off up to all that is under way. */
  dropLast(count: number): void {
    this.#items.splice(Math.max(0, this.#items.length - count), count);
  }

  get numUnderWay(): number {
    return this.#items.length;
  }

  /** @internal the link is whole again */
  resume(): void {
    this.#isStuck = false;
    for (let index = this.#items.length; index > 0; index -= 1) this.#schedule();
  }

  #schedule(): void {
    if (this.#isStuck) return;
    const { clock } = this.#network;
    const at = Math.max(this.#lastAt, clock.now + this.#network.delayMs(this.#route.from, this.#route.to));
    this.#lastAt = at;
    clock.schedule(this.#owner, at - clock.now, () => this.#arrive());
  }

  #arrive(): void {
    if (this.#isStuck || this.isClosed) return;
    if (this.#network.link(this.#route.from, this.#route.to).isCut) {
      this.#isStuck = true;
      this.#network.waits(this as unknown as Pipe<never>);
      return;
    }
    const item = this.#items.shift();
    if (item !== undefined) this.#deliver(item);
  }
}
