/** @alone It judges which of two workers is slow: neighbours would slow the other one. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from '#contracts';
import { runJournal } from './run-journal.js';
import { isWhole, LARGER_MODEL, TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
/** A worker that is let run a sixth of the time, in turns much shorter than a step and than anybody's patience. */
const RUN_MS = 15;
const STOP_MS = 75;
const HOOK = pathToFileURL(join(import.meta.dirname, 'hanging-engine.mjs')).href;
/** Lanes move once speeds have been clear for five steps on end: beside busy cores that takes its time. */
const EPOCHS = 20;
/** The first answers of an engine are slow; some steps later they no longer count. */
const SETTLED_STEP = 20;

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

const lanesOf = ({ lanes }: RunView, workerId: string): number =>
  lanes.filter((lane) => lane.workerId === workerId).length;

const slowOnes = ({ stragglerReport }: RunView): string[] =>
  stragglerReport.flatMap(({ workerId, slowness }) => (slowness ? [workerId] : []));

describe('beside a worker that keeps up', () => {
  let world: TrainingStack;
  let undisturbed: string | null;
  let pid: number | null;

  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
    undisturbed = (await world.finished(await world.submit(world.spec({ model: LARGER_MODEL, epochs: EPOCHS }))))
      .weightsSha256;
    const HANG_FILE = join(world.folder, 'hang');
    const env = { NODE_OPTIONS: `--import ${HOOK}`, HANG_FILE, HANG_WORKER: 'worker-2' };
    ({ pid } = await world.stack.addWorker(env));
    await world.workersReady(2);
  }, TIMEOUT_MS);
  afterAll(async () => await world[Symbol.asyncDispose](), TIMEOUT_MS);

  /** A run, at a step at which both workers have lanes. */
  async function begin(step: number): Promise<string> {
    const id = await world.submit(world.spec({ model: LARGER_MODEL, epochs: EPOCHS, workers: { min: 2 } }));
    const isShared = (view: RunView): boolean => lanesOf(view, 'worker-1') > 0 && lanesOf(view, 'worker-2') > 0;
    await world.until(id, 'lanes on both', (view) => isShared(view) && view.progress.step >= step);
    return id;
  }

  async function expectUndisturbed(id: string): Promise<void> {
    const view = await world.finished(id);
    expect(view.weightsSha256).toBe(undisturbed);
    expect(view.incarnation).toBe(1);
    expect(isWhole(view)).toBe(true);
  }

  it(
    'a slow one is named with what takes it longer and gives lanes away; the weights are the same',
    async () => {
      const id = await begin(3);
      const speedUp = slowDown(pid ?? 0);
      try {
        // Before that the other one may be named for some steps: beside it, much else runs on the cores.
        await world.until(id, 'worker-2 alone to be slow', (view) => slowOnes(view).join() === 'worker-2');
        const metrics = await (await fetch(`${world.stack.url}/metrics`)).text();
        expect(metrics).toMatch(new RegExp(`skiplane_worker_phase_seconds\\{run="${id}",worker="worker-2"`));
        await world.until(id, 'three lanes on the fast worker', (view) => lanesOf(view, 'worker-1') === 3);
      } finally {
        speedUp();
      }
      await expectUndisturbed(id);
      const journal = await runJournal(world, id, 'finished after');
      expect(journal).toMatch(/worker-2 is slow: (computing|waiting for data|the exchange) takes [\d.]+ x the others'/);
      expect(journal).toContain('lanes are shared out by speed: worker-1 3, worker-2 1');
    },
    TIMEOUT_MS,
  );

  it(
    'one whose engine hangs while it still answers ends itself with the reason and is started again; the weights are the same',
    async () => {
      const id = await begin(SETTLED_STEP);
      await writeFile(join(world.folder, 'hang'), '');
      await expectUndisturbed(id);
      const journal = await runJournal(world, id, 'finished after');
      expect(journal).toMatch(/worker-2: its process ends: the engine thread hangs: no answer to [\w ]+ for [\d.]+ s/);
      expect(world.stack.workers().find(({ name }) => name === 'worker-2')?.pid).not.toBe(pid);
    },
    TIMEOUT_MS,
  );
});
