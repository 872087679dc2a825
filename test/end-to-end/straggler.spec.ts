import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runJournal } from './run-journal.js';
import { isWhole, TrainingStack } from './training-stack.js';

const TIMEOUT_MS = 240_000;
/** A worker that is let run a sixth of the time, in turns much shorter than a step and than anybody's patience. */
const RUN_MS = 15;
const STOP_MS = 75;

/** Slows a process down until the returned function is called. */
function slowDown(pid: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  const turn = (isStopped: boolean): void => {
    process.kill(pid, isStopped ? 'SIGCONT' : 'SIGSTOP');
    timer = setTimeout(() => turn(!isStopped), isStopped ? RUN_MS : STOP_MS);
  };
  turn(false);
  return () => {
    clearTimeout(timer);
    process.kill(pid, 'SIGCONT');
  };
}

describe('a worker that is slower than the others', () => {
  let world: TrainingStack;
  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 2, parameterServers: 1 });
  }, TIMEOUT_MS);
  afterAll(async () => await world[Symbol.asyncDispose](), TIMEOUT_MS);

  it(
    'is named with what takes it longer, gives lanes to the others, and the weights are the same',
    async () => {
      const spec = world.spec({ epochs: 6, workers: { min: 2, max: 2 } });
      const undisturbed = await world.finished(await world.submit(spec));

      const id = await world.submit(spec);
      const lanesOf = ({ lanes }: { lanes: readonly { workerId: string | null }[] }, workerId: string): number =>
        lanes.filter((lane) => lane.workerId === workerId).length;
      await world.until(
        id,
        'even shares',
        (view) => lanesOf(view, 'worker-1') === 2 && lanesOf(view, 'worker-2') === 2,
      );
      await world.atStep(id, 3);
      const pid = world.stack.workers().find(({ name }) => name === 'worker-2')?.pid ?? 0;
      expect(pid).toBeGreaterThan(0);
      const speedUp = slowDown(pid);
      try {
        const named = await world.until(id, 'a slow worker', ({ pace }) =>
          pace.some(({ slowness }) => slowness !== null),
        );
        expect(named.pace.flatMap(({ workerId, slowness }) => (slowness ? [workerId] : []))).toEqual(['worker-2']);
        const metrics = await (await fetch(`${world.stack.url}/metrics`)).text();
        expect(metrics).toMatch(new RegExp(`skiplane_worker_phase_seconds\\{run="${id}",worker="worker-2"`));
        await world.until(id, 'three lanes on the fast worker', (view) => lanesOf(view, 'worker-1') === 3);
      } finally {
        speedUp();
      }
      const view = await world.finished(id);
      expect(view.weightsSha256).toBe(undisturbed.weightsSha256);
      expect(view.incarnation).toBe(1);
      expect(isWhole(view)).toBe(true);
      const journal = await runJournal(world, id, 'finished after');
      expect(journal).toMatch(/worker-2 is slow: (computing|waiting for data|the exchange) takes [\d.]+ x the others'/);
      expect(journal).toContain('lanes are shared out by speed: worker-1 3, worker-2 1');
    },
    TIMEOUT_MS,
  );
});
