import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemSchema, type RunView } from '#contracts';
import { createRedisConnection } from '#queue';
import { silentLogger } from '#telemetry';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { runJournal } from './run-journal.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;

describe('a run goes on to the same weights', () => {
  let world: TrainingStack;
  let undisturbed: string | null;

  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 2 });
    undisturbed = (await world.finished(await world.submit())).weightsSha256;
  }, TIMEOUT_MS);
  afterAll(async () => await world[Symbol.asyncDispose](), TIMEOUT_MS);

  const expectUndisturbed = (view: RunView): void => {
    expect(view.weightsSha256).toBe(undisturbed);
    expect(view.incarnation).toBe(1);
    expect(isWhole(view)).toBe(true);
  };

  // The other processes are struck in the kill matrix.
  it(
    'when Redis is killed in mid-epoch',
    async () => {
      const id = await world.submit();
      await world.atStep(id, 8);
      await world.stack.kill('redis');
      expectUndisturbed(await world.finished(id));
    },
    TIMEOUT_MS,
  );

  it(
    'when Redis is emptied in mid-epoch',
    async () => {
      const id = await world.submit();
      await world.atStep(id, 8);
      const redis = createRedisConnection(world.stack.redisUrl, { purpose: 'commands', logger: silentLogger() });
      await redis.flushall();
      redis.disconnect();
      expectUndisturbed(await world.finished(id));
    },
    TIMEOUT_MS,
  );

  it(
    'when it is paused and resumed; what was pending meanwhile said why',
    async () => {
      const id = await world.submit();
      await world.atStep(id, 8);
      const waiting = await world.submit(world.spec({ workers: { min: 3, max: 3 } }));
      await world.until(waiting, 'a reason', (view) => view.state === 'pending' && view.reason !== null);
      expect((await world.post(`/v1/runs/${id}/pause`)).status).toBeLessThan(300);
      const paused = await world.until(id, 'the pause', (view) => view.state === 'paused');
      expect(paused.checkpoints.at(-1)?.step ?? paused.checkpoints[0]?.step).toBeGreaterThan(0);
      expect((await world.post(`/v1/runs/${waiting}/cancel`)).status).toBeLessThan(300);
      expect((await world.post(`/v1/runs/${id}/resume`)).status).toBeLessThan(300);
      const view = await world.finished(id);
      expect(view.weightsSha256).toBe(undisturbed);
      expect(isWhole(view)).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'and a broken file is refused by name, or left out and named',
    async () => {
      const folder = join(world.folder, 'broken');
      await cp(join(world.folder, 'shapes'), folder, { recursive: true });
      const listing = execFileSync('find', [join(folder, 'train'), '-name', '*.jpg'], { encoding: 'utf8' });
      const [first = '', second = ''] = listing.trim().split('\n').sort();
      await truncate(first, 200);
      const damaged = await readFile(second);
      damaged.fill(0xff, Math.floor(damaged.length / 3), Math.floor(damaged.length / 3) + 60);
      await writeFile(second, damaged);
      const spec = world.spec({ epochs: 1, dataset: { kind: 'image-folder', path: folder } });

      const refused = await world.post('/v1/runs', spec);
      const problem = problemSchema.parse(await refused.json());
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(problem)).toContain(first.slice(folder.length + 1));

      const id = await world.submit({ ...spec, dataset: { kind: 'image-folder', path: folder, unreadable: 'skip' } });
      const view = await world.finished(id);
      expect(view.dataset.numTrainSamples).toBe(319);
    },
    TIMEOUT_MS,
  );

  it(
    'and a loss that is not finite stops its run before the update, naming run, lane and step',
    async () => {
      const id = await world.submit(world.spec({ optimizer: { learningRate: 1e30 } }));
      const view = await world.until(id, 'the failure', ({ state }) => state === 'failed').catch(() => world.view(id));
      expect(view.state).toBe('failed');
      expect(view.reason).toMatch(new RegExp(`run ${id}: lane \\d, step \\d+: .*not finite`));
      expect(view.weightsSha256).toBeNull();
    },
    TIMEOUT_MS,
  );

  it('and what cannot be trained is refused with every fault at once', async () => {
    const response = await world.post('/v1/runs', {
      ...world.spec(),
      model: { architecture: 'resnet21', numClasses: 10 },
      lanes: 0,
      dataset: { kind: 'image-folder', path: '' },
    });
    const problem = problemSchema.parse(await response.json());
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(problem.errors?.map(({ path }) => path).sort()).toEqual(['dataset.path', 'lanes', 'model.architecture']);
    const tooLarge = await world.post('/v1/runs', world.spec({ laneBatchSize: 4_000 }));
    expect(tooLarge.status).toBeGreaterThanOrEqual(400);
    expect(await tooLarge.text()).toMatch(/320/);
  });
});

describe('a disk that is full', () => {
  const disk = join(tmpdir(), `skiplane-full-disk-${process.pid}`);
  let canMount = false;

  beforeAll(() => {
    mkdirSync(disk, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=900k', 'tmpfs', disk], { stdio: 'pipe' });
      canMount = true;
    } catch (error) {
      console.warn(`the disk-full test is skipped: a small file system cannot be mounted here (${String(error)})`);
    }
  });
  afterAll(async () => {
    if (canMount) execFileSync('umount', ['-l', disk]);
    if (existsSync(disk)) await rm(disk, { recursive: true, force: true });
  });

  it(
    'is reported on the run, training goes on, and the weights are written when there is room',
    async () => {
      if (!canMount) return;
      await using world = await TrainingStack.start({ workers: 1, env: { SKIPLANE_CHECKPOINT_DIR: disk } });
      const id = await world.submit(world.spec({ epochs: 2 }));
      const full = await world.until(id, 'the last step', (view) => view.progress.step === view.progress.totalSteps);
      // There was room for one of 0.6 MB; it stays, whole, and nothing of the others.
      expect(full.checkpoints.map(({ step }) => step)).toEqual([5]);
      // The last one may be on its way still.
      await until(
        () => readdir(join(disk, id)),
        (names) => names.join() === 'step-00000005',
        { what: 'the folders of the others to go' },
      );
      const events = await runJournal(world, id, 'ENOSPC');
      expect(events).toMatch(/was not written: ENOSPC/);
      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      const view = await world.finished(id);
      expect(view.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    },
    TIMEOUT_MS,
  );
});
