/** Replaces timers, clocks and chance by those of the simulated world, for as long as one is being simulated. */
import type { ScheduledEvent } from '../world/clock.js';
import { SimulatedProcess } from '../world/simulated-process.js';
import { currentWorld, maybeWorld } from '../world/world.js';

/** What `setTimeout` and its kin return in Node. */
class Timer {
  readonly #restart: (timer: Timer) => void;

  constructor(
    public event: ScheduledEvent,
    restart: (timer: Timer) => void,
  ) {
    this.#restart = restart;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.event.isCancelled = true;
    this.#restart(this);
    return this;
  }

  close(): this {
    this.event.isCancelled = true;
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

type Callback = (...args: unknown[]) => void;

function start(delayMs: number, task: (timer: Timer) => void): Timer {
  const { clock, random } = currentWorld();
  const owner = clock.current;
  if (owner === null) throw new Error('a timer was set while no process is at work');
  const schedule = (): ScheduledEvent =>
    // Timers are late, never early.
    clock.schedule(owner, delayMs === 0 ? 0 : Math.max(1, delayMs) + random.next() * 0.5, () => task(timer));
  const timer = new Timer(schedule(), (again) => {
    again.event = schedule();
  });
  return timer;
}

function clear(timer: unknown): void {
  if (timer instanceof Timer) timer.close();
}

/** From here on the process belongs to simulated worlds. */
export function installGlobals(): void {
  const timers = {
    setTimeout: (callback: Callback, delayMs = 1, ...args: unknown[]) =>
      start(Math.max(1, delayMs), () => callback(...args)),
    setInterval: (callback: Callback, delayMs = 1, ...args: unknown[]) =>
      start(Math.max(1, delayMs), (timer) => {
        timer.refresh();
        callback(...args);
      }),
    setImmediate: (callback: Callback, ...args: unknown[]) => start(0, () => callback(...args)),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  Object.assign(globalThis, timers);
  const realNow = Date.now.bind(Date);
  Date.now = () => {
    const world = maybeWorld();
    if (world === null) return realNow();
    const { current } = world.clock;
    const offsetMs = current instanceof SimulatedProcess ? current.clockOffsetMs : 0;
    return Math.floor(world.clock.now + offsetMs);
  };
  const realPerformanceNow = performance.now.bind(performance);
  performance.now = () => {
    const world = maybeWorld();
    if (world === null) return realPerformanceNow();
    const { current } = world.clock;
    // Of each process its own: nobody may compare it with another's.
    return world.clock.now - (current instanceof SimulatedProcess ? current.startedAt : 0);
  };
  const realRandom = Math.random;
  Math.random = () => maybeWorld()?.random.next() ?? realRandom();
  // Read from a file, and not what a simulated process has.
  Object.assign(process.memoryUsage, { rss: () => 2 ** 27 });
  process.exit = (code) => {
    const world = currentWorld();
    const { current } = world.clock;
    if (current instanceof SimulatedProcess) current.crashed(new Error(`the process ended itself with code ${code}`));
    // What called this must not go on; the promise of a dead process may reject unseen.
    throw new ProcessEnded();
  };
  process.on('unhandledRejection', (reason) => {
    if (reason instanceof ProcessEnded) return;
    const current = maybeWorld()?.clock.current;
    if (current instanceof SimulatedProcess) current.crashed(reason);
    else throw reason;
  });
}

/** Thrown where `process.exit` would not have returned. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
}
