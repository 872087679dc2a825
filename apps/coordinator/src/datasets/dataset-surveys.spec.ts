import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { datasetSchema, RecoverableError } from '#contracts';
import { silentLogger } from '#telemetry';
import { DatasetRegistry } from './dataset-registry.js';
import { ScanEndedError, type DatasetScans } from './dataset-scans.js';
import { DatasetSurveys } from './dataset-surveys.js';
import type { InspectedDataset } from './scan-messages.js';

const SPEC = datasetSchema.parse({ kind: 'image-folder', path: '/pets' });
const FOUND: InspectedDataset = {
  digest: 'd1',
  numTrainSamples: 4,
  numValidationSamples: 2,
  classes: [],
  classNames: [],
  numSkipped: 0,
  broken: [],
  numBroken: 0,
  content: {
    classes: [],
    width: null,
    height: null,
    sizeBytes: null,
    others: [],
    formats: {},
    numTurned: 0,
    numWithProfile: 0,
  },
};

describe('a survey in the background', () => {
  let folder: string;
  let registry: DatasetRegistry;
  /** Ends the look that is under way. */
  let settle: (outcome: InspectedDataset | Error) => void;
  const inspect: DatasetScans['inspect'] = (_, tell, options) =>
    new Promise((resolve, reject) => {
      expect(options?.isBackground).toBe(true);
      tell('looking', 3);
      settle = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
    });
  const open = async (): Promise<DatasetSurveys> => {
    registry = await DatasetRegistry.open(folder, () => 1_000, silentLogger());
    return new DatasetSurveys(registry, { inspect } as DatasetScans, () => 2_000, silentLogger());
  };
  const state = (): string | undefined => registry.get('pets')?.survey.state;
  const end = async (surveys: DatasetSurveys): Promise<void> => {
    surveys.onModuleDestroy();
    await surveys.beforeApplicationShutdown();
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-surveys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('tells how far it is, and may be cancelled', async () => {
    const surveys = await open();
    await registry.create('pets', SPEC);
    await surveys.begin('pets');
    expect([state(), surveys.progressOf('pets')]).toEqual(['under-way', { message: 'looking', numSamples: 3 }]);
    expect(await surveys.cancel('pets')).toBe(true);
    expect([state(), surveys.progressOf('pets')]).toEqual(['cancelled', undefined]);
    expect(await surveys.cancel('pets')).toBe(false);
    expect(await surveys.begin('nobody')).toBeUndefined();
  });

  it('goes on after the end of the coordinator, and says how it has ended', async () => {
    const first = await open();
    await registry.create('pets', SPEC);
    await first.begin('pets');
    await end(first);
    const second = await open();
    expect(state()).toBe('under-way');
    second.onApplicationBootstrap();
    settle(new ScanEndedError('the coordinator is going down'));
    await end(second);
    const third = await open();
    third.onApplicationBootstrap();
    settle(new RecoverableError('no answer'));
    await third.beforeApplicationShutdown();
    expect(registry.get('pets')?.survey).toMatchObject({ state: 'failed', problem: { detail: 'no answer' } });
    await third.begin('pets');
    settle(FOUND);
    await third.beforeApplicationShutdown();
    expect(registry.get('pets')).toMatchObject({
      survey: { state: 'ready', finishedAt: 2_000 },
      versions: [{ version: 1, digest: 'd1', surveyedAt: 2_000 }],
    });
  });
});
