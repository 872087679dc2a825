import { ProcessEnded } from './globals.js';
import { SIMULATED_ROOT, type Disk } from '../world/disk.js';
import { SimulatedProcess } from '../world/simulated-process.js';
import { currentWorld, maybeWorld } from '../world/world.js';

/** Whether a path lies on the simulated disk. */
export function isSimulated(path: unknown): path is string {
  return typeof path === 'string' && maybeWorld() !== null && path.startsWith(SIMULATED_ROOT);
}

/** The disk, for reading. */
export function reading(): Disk {
  return currentWorld().disk;
}

/**
 * The disk, before a change: here the process dies in the middle of what it writes when a fault says so, and a dead one
 * that still unwinds changes nothing more.
 */
export function writing(): Disk {
  const world = currentWorld();
  const { current } = world.clock;
  if (current instanceof SimulatedProcess) {
    if (world.writesUntilDeath !== null) {
      world.writesUntilDeath -= 1;
      if (world.writesUntilDeath <= 0) {
        world.writesUntilDeath = null;
        world.trace.say(current.name, 'dies while it writes');
        world.diedWriting(current);
      }
    }
    if (!current.isAlive) throw new ProcessEnded();
  }
  return world.disk;
}
