import type { Slowness } from '#contracts';
import { type FixtureRun, fixtureRun, type FixtureRunOptions, fixtureStep, fixtureWorker } from './fixture-run.js';
import type { FixtureServer } from './fixture-server.js';

/** The runs the browser tests look at. */
export interface Scene {
  readonly running: FixtureRun;
  readonly runningOptions: FixtureRunOptions;
}

const PER_EPOCH = 32;

/** One run in every interesting state, three workers, one of them idle. */
export function setScene(server: FixtureServer, now: number): Scene {
  const workers = ['worker-a', 'worker-b', 'worker-c'];
  const ago = (minutes: number): number => now - minutes * 60_000;
  const none = { lanes: 4, workers: [], epochs: 5, stepsDone: 0 };
  const runningOptions: FixtureRunOptions = {
    id: 'r-running',
    name: 'resnet20-shapes',
    state: 'running',
    lanes: 8,
    workers,
    epochs: 30,
    stepsDone: 22 * PER_EPOCH + 14,
    createdAt: ago(2),
  };
  const running = server.add(fixtureRun(runningOptions));
  const one = (options: Partial<FixtureRunOptions> & Pick<FixtureRunOptions, 'id' | 'name' | 'state' | 'createdAt'>) =>
    server.add(fixtureRun({ ...none, ...options }));
  const reason = 'Waits for workers: 0 of at least 4 are free';
  one({ id: 'r-pending', name: 'resnet56-sweep lr 0.05', state: 'pending', createdAt: ago(1), reason });
  one({ id: 'r-finished', name: 'baseline', state: 'finished', createdAt: ago(190), stepsDone: 315 });
  const failure = 'Loss is not finite at step 41 (lane 2): lower optimizer.learningRate or warm up longer';
  one({ id: 'r-failed', name: 'resnet20-hot', state: 'failed', createdAt: ago(260), stepsDone: 40, reason: failure });
  one({
    id: 'r-paused',
    name: 'resnet110',
    state: 'paused',
    createdAt: ago(400),
    stepsDone: 180,
    reason: 'by request',
  });
  one({ id: 'r-cancelled', name: 'typo', state: 'cancelled', createdAt: ago(3000), stepsDone: 12 });
  server.workers = [
    ...workers.map((workerId) => fixtureWorker(workerId, now, running.view)),
    fixtureWorker('worker-d', now, null),
  ];
  return { running, runningOptions };
}

/** Hands one lane of a run to another worker, or to nobody. */
export function moveLane(run: FixtureRun, lane: number, workerId: string | null): void {
  const lanes = run.view.lanes.map((owner) => (owner.lane === lane ? { lane, workerId } : owner));
  run.view = { ...run.view, lanes };
}

/** Says how fast one worker of a run is; the others are not heard of. */
export function setSlowness(run: FixtureRun, workerId: string, slowness: Slowness | null): void {
  const turnMs = { least: 600, median: 620, most: 640 };
  const phases = { data: 0, compute: 620, exchange: 4 };
  run.view = {
    ...run.view,
    stragglerReport: [{ workerId, lanes: 2, engines: 1, steps: 5, turnMs, restMs: 5, phases, slowness }],
  };
}

/** The next `count` steps of the scene's running run. */
export function nextSteps(scene: Scene, count: number) {
  const from = scene.running.steps.length + 1;
  const steps = Array.from({ length: count }, (_, index) => fixtureStep(scene.runningOptions, from + index, PER_EPOCH));
  const last = steps.at(-1);
  const progress = { ...scene.running.view.progress, step: from + count - 1, loss: last?.loss ?? null };
  scene.running.view = { ...scene.running.view, progress };
  return steps;
}
