import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  evaluationListSchema,
  evaluationViewSchema,
  predictionSchema,
  type EvaluationRequestInput,
  type EvaluationView,
} from '#contracts';
import sharp from 'sharp';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
const WAIT_MS = 120_000;
const NUM_TRAIN = 200;

/** Real processes. 60 validation images of ten classes on four lanes; a batch of one makes many uneven rounds. */
describe('an evaluation of a finished run', () => {
  let world: TrainingStack;
  let runId: string;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-weights-'));
    world = await TrainingStack.start({ workers: 1, parameterServers: 1, restart: false }, { numTrain: NUM_TRAIN });
    runId = await world.submit();
    await world.finished(runId);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }, TIMEOUT_MS);

  async function submit(request: EvaluationRequestInput): Promise<EvaluationView> {
    const response = await world.post(`/v1/runs/${runId}/evaluations`, request);
    if (response.status !== 201) throw new Error(`not submitted: ${response.status} ${await response.text()}`);
    const view = evaluationViewSchema.parse(await response.json());
    expect(response.headers.get('location')).toBe(`/v1/runs/${runId}/evaluations/${view.id}`);
    return view;
  }

  async function show({ id }: { readonly id: string }): Promise<EvaluationView> {
    const response = await fetch(`${world.stack.url}/v1/runs/${runId}/evaluations/${id}`);
    return evaluationViewSchema.parse(await response.json());
  }

  function reached(
    evaluation: { readonly id: string },
    isWanted: (view: EvaluationView) => boolean,
  ): Promise<EvaluationView> {
    const isReached = (view: EvaluationView): boolean => {
      if (!isWanted(view) && view.state === 'failed') throw new Error(`failed: ${view.reason}`);
      return isWanted(view);
    };
    return until(() => show(evaluation), isReached, { timeoutMs: WAIT_MS });
  }

  const evaluate = async (request: EvaluationRequestInput): Promise<EvaluationView> =>
    reached(await submit(request), ({ state }) => state === 'finished');

  const fine = { split: 'train', batchSize: 1, protocol: { kind: 'ten-crop', resize: 20 } } as const;

  let numOverTooEarly = 0;
  /** An evaluation that is running and that so many workers hold lanes of; begun anew where it was over before all of them had some. */
  async function driven(count: number): Promise<EvaluationView> {
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const evaluation = await submit(fine);
      const look = async (): Promise<'held' | 'over' | null> => {
        const workers = await world.workers();
        const drivers = workers.filter(({ runId: id, lanes }) => id === evaluation.id && lanes.length > 0);
        const { state, reason } = await show(evaluation);
        if (state === 'failed') throw new Error(`failed: ${reason}`);
        if (state === 'finished') return 'over';
        return state === 'running' && drivers.length >= count ? 'held' : null;
      };
      const seen = await until(look, (what) => what !== null, {
        what: `${count} workers with lanes`,
        timeoutMs: WAIT_MS,
      });
      if (seen === 'held') return evaluation;
      numOverTooEarly += 1;
    }
    throw new Error(`no evaluation lasted until ${count} workers had lanes`);
  }

  it(
    'counts every image once and finds what the run found, to the image, where the views are the same',
    async () => {
      const { result, networks, progress } = await evaluate({});
      expect(progress).toEqual({ samples: 60, totalSamples: 60 });
      expect(result?.classes.map(({ samples }) => samples)).toEqual(Array.from({ length: 10 }, () => 6));
      expect(result?.confusion.reduce((sum, [, , count]) => sum + count, 0)).toBe(60);
      const run = await world.view(runId);
      expect(networks[0]?.sha256).toBe(run.weightsSha256);
      expect(result?.accuracy).toBe(run.progress.valAccuracy);
      expect(run.progress.valTop5Accuracy).toBeGreaterThanOrEqual(run.progress.valAccuracy ?? 1);
    },
    TIMEOUT_MS,
  );

  it(
    'predicts images as the evaluation counts them, each by its own request, and draws what it saw',
    async () => {
      const predict = (image: Uint8Array<ArrayBuffer>, query = '') =>
        fetch(`${world.stack.url}/v1/runs/${runId}/predict${query}`, { method: 'POST', body: image });
      const { result } = await evaluate({});
      let numRight = 0;
      for (const name of result?.classes.map((one) => one.name) ?? []) {
        const folderOfClass = join(world.folder, 'shapes', 'val', name);
        for (const file of await readdir(folderOfClass)) {
          const image = new Uint8Array(await readFile(join(folderOfClass, file)));
          const { classes, weights } = predictionSchema.parse(await (await predict(image, '?top=1')).json());
          expect(weights).toBe('trained');
          numRight += Number(classes[0]?.name === name);
        }
      }
      expect(numRight).toBe(Math.round(60 * (result?.accuracy ?? 0)));
      const [file = ''] = await readdir(join(world.folder, 'shapes', 'val', result?.classes[0]?.name ?? ''));
      const path = join(world.folder, 'shapes', 'val', result?.classes[0]?.name ?? '', file);
      const drawn = await predict(new Uint8Array(await readFile(path)), '?overlay=grad-cam&class=3');
      const { classes, overlay } = predictionSchema.parse(await drawn.json());
      expect(classes.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(1);
      expect(overlay?.ofClass).toBe(3);
      expect(await sharp(Buffer.from(overlay?.png ?? '', 'base64')).metadata()).toMatchObject({
        format: 'png',
        width: 224,
        height: 224,
      });
    },
    TIMEOUT_MS,
  );

  it(
    'makes of an ensemble of the same weights what they make alone, from runs and from files',
    async () => {
      const view = await world.view(runId);
      const path = join(view.checkpoints.at(-1)?.directory ?? '', 'weights.safetensors');
      expect((await readFile(path)).length).toBeGreaterThan(300_000);
      const alone = await evaluate({ protocol: { kind: 'multi-scale', shorterSides: [16, 24], flip: true } });
      const ensemble = [{ run: runId }, { weights: path, model: view.spec.model }];
      const together = await evaluate({
        protocol: { kind: 'multi-scale', shorterSides: [16, 24], flip: true },
        ensemble,
      });
      expect(together.networks).toHaveLength(3);
      expect({ ...together.result, loss: 0 }).toEqual({ ...alone.result, loss: 0 });
      expect(together.result?.loss).toBeCloseTo(alone.result?.loss ?? 0, 5);
    },
    TIMEOUT_MS,
  );

  it('refuses what is not there, naming every fault', async () => {
    const response = await world.post(`/v1/runs/${runId}/evaluations`, {
      step: 99_999,
      ensemble: [{ run: 'nobody' }, { weights: '/nowhere', model: { architecture: 'resnet20', numClasses: 10 } }],
    });
    expect(response.status).toBe(422);
    const problem = (await response.json()) as { errors: readonly { path: string }[] };
    expect(problem.errors.map(({ path }) => path)).toEqual(['step', 'ensemble.0', 'ensemble.1']);
    expect((await fetch(`${world.stack.url}/v1/runs/${runId}/evaluations/none`)).status).toBe(404);
  });

  it(
    'has the same result on one worker, on three, when one of three is killed, and when all processes are',
    async () => {
      const onOne = await evaluate(fine);
      await world.stack.addWorker();
      await world.stack.addWorker();
      await world.workersReady(3);
      const started = await driven(3);
      const onThree = await reached(started, ({ state }) => state === 'finished');
      expect(onThree.result).toEqual(onOne.result);

      const disturbed = await driven(3);
      await world.stack.kill('worker-1');
      const afterKill = await reached(disturbed, ({ state }) => state === 'finished');
      expect(afterKill.result).toEqual(onOne.result);

      const { evaluations } = evaluationListSchema.parse(
        await (await fetch(`${world.stack.url}/v1/runs/${runId}/evaluations`)).json(),
      );
      expect(evaluations[0]?.id).toBe(disturbed.id);
      const ofFine = Array.from({ length: 3 + numOverTooEarly }, () => NUM_TRAIN);
      expect(evaluations.map(({ result }) => result?.samples)).toEqual([...ofFine, 60, 60, 60, 60]);
      // They are no runs, and cannot be taken for one.
      const runs = (await (await fetch(`${world.stack.url}/v1/runs`)).json()) as { readonly total: number };
      expect(runs.total).toBe(1);
      expect((await fetch(`${world.stack.url}/v1/runs/${disturbed.id}`)).status).toBe(404);

      const interrupted = await submit(fine);
      const before = await reached(interrupted, ({ progress }) => progress.samples > 40);
      expect(before.state).toBe('running');
      await world.stack.killAll('SIGKILL');
      await world.startAgain();
      const resumed = await show(interrupted);
      expect(resumed.progress.samples).toBeGreaterThan(0);
      const afterRestart = await reached(interrupted, ({ state }) => state === 'finished');
      expect(afterRestart.result).toEqual(onOne.result);
    },
    TIMEOUT_MS,
  );
});
