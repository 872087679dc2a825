import type { RandomStream } from '#contracts';
import type { TrainingStack } from '../support/training-stack.js';
import { delay } from './scene.js';

const MOST_WORKERS = 4;
const LONGEST_HANG_MS = 3_000;

/** Does one random thing to a stack and says what it did. */
export async function disturb(world: TrainingStack, random: RandomStream): Promise<string> {
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[random.nextInt(items.length)];
  const alive = world.stack.processes().filter(({ pid }) => pid !== null);
  const workers = alive.filter(({ name }) => name.startsWith('worker-'));
  const deed = pick(['kill', 'kill', 'kill worker', 'kill worker', 'join', 'leave', 'hang']);
  if (deed === 'join' && world.stack.workers().length < MOST_WORKERS) {
    return `${(await world.stack.addWorker()).name} joins`;
  }
  if (deed === 'leave' && workers.length > 1) {
    const leaving = pick(workers);
    if (leaving !== undefined) {
      await world.stack.removeWorker(leaving.name);
      return `${leaving.name} leaves`;
    }
  }
  const victim = pick(deed === 'kill worker' ? workers : alive);
  if (victim === undefined || victim.pid === null) return 'nobody was there';
  if (deed === 'hang') {
    process.kill(victim.pid, 'SIGSTOP');
    await delay(random.nextFloat() * LONGEST_HANG_MS);
    process.kill(victim.pid, 'SIGCONT');
    return `${victim.name} hung`;
  }
  await world.stack.kill(victim.name);
  return `${victim.name} killed`;
}
