import { describe, expect, it } from '@jest/globals';
import { KEEP_MEMORY, planWorkers, workerEnvironment } from './worker-plan.js';

const ASK = { workers: undefined, engines: undefined, device: 'auto', cores: 8, gpus: 0 } as const;

describe('planWorkers', () => {
  it('gives one worker all cores, and splits them among several', () => {
    expect(planWorkers(ASK)).toEqual({ workers: 1, engines: 8, gpus: 0 });
    expect(planWorkers({ ...ASK, workers: 3 })).toEqual({ workers: 3, engines: 2, gpus: 0 });
    expect(planWorkers({ ...ASK, workers: 20 })).toEqual({ workers: 20, engines: 1, gpus: 0 });
    expect(planWorkers({ ...ASK, workers: 2, engines: 1 })).toMatchObject({ engines: 1 });
  });

  it('starts one worker per GPU and leaves the lanes to them', () => {
    expect(planWorkers({ ...ASK, gpus: 4 })).toEqual({ workers: 4, engines: null, gpus: 4 });
    expect(planWorkers({ ...ASK, gpus: 4, device: 'cpu' })).toEqual({ workers: 1, engines: 8, gpus: 0 });
  });

  it('refuses more workers than GPUs, and says what to do', () => {
    expect(() => planWorkers({ ...ASK, gpus: 1, workers: 2 })).toThrow(
      'has 1 GPU, one for each worker. Ask for fewer, or use --device cpu',
    );
  });
});

describe('workerEnvironment', () => {
  it('keeps every lane of a CPU worker on one thread', () => {
    expect(workerEnvironment({ workers: 1, engines: 3, gpus: 0 }, 0, 'worker-1')).toEqual({
      ...KEEP_MEMORY,
      SKIPLANE_WORKER_ID: 'worker-1',
      SKIPLANE_DEVICE: 'cpu',
      SKIPLANE_ENGINES: '3',
      TF_NUM_INTRAOP_THREADS: '1',
      TF_NUM_INTEROP_THREADS: '4',
      OMP_NUM_THREADS: '1',
    });
  });

  it('names each GPU worker its GPU', () => {
    const plan = { workers: 2, engines: null, gpus: 2 };
    expect(workerEnvironment(plan, 1, 'worker-2')).toEqual({ SKIPLANE_WORKER_ID: 'worker-2', SKIPLANE_DEVICE: '1' });
  });
});
