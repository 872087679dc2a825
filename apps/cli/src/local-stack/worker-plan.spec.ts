import { describe, expect, it } from '@jest/globals';
import { KEEP_MEMORY, planWorkers, workerEnvironment } from './worker-plan.js';

const ASK = { workers: undefined, engines: undefined, device: 'auto', isOneWorker: false, cores: 8, gpus: 0 } as const;

describe('planWorkers', () => {
  it('gives one worker all cores, and splits them among several', () => {
    expect(planWorkers(ASK)).toEqual({ workers: 1, engines: 8, device: 'cpu' });
    expect(planWorkers({ ...ASK, workers: 3 })).toEqual({ workers: 3, engines: 2, device: 'cpu' });
    expect(planWorkers({ ...ASK, workers: 20 })).toEqual({ workers: 20, engines: 1, device: 'cpu' });
    expect(planWorkers({ ...ASK, workers: 2, engines: 1 })).toMatchObject({ engines: 1 });
  });

  it('starts one worker per GPU and leaves the lanes to them', () => {
    expect(planWorkers({ ...ASK, gpus: 4 })).toEqual({ workers: 4, engines: null, device: 'auto' });
    expect(planWorkers({ ...ASK, gpus: 1, device: 'GPU-1' })).toEqual({ workers: 1, engines: null, device: 'GPU-1' });
  });

  it('starts one worker that has several GPUs, and refuses a second', () => {
    const several = { ...ASK, isOneWorker: true, gpus: 4 };
    expect(planWorkers(several)).toEqual({ workers: 1, engines: null, device: 'auto' });
    expect(() => planWorkers({ ...several, workers: 2 })).toThrow('SKIPLANE_DEVICES gives all its devices to one');
  });

  it('leaves it to the worker to say why no GPU can be used', () => {
    expect(planWorkers({ ...ASK, gpus: null })).toEqual({ workers: 1, engines: null, device: 'auto' });
    expect(planWorkers({ ...ASK, gpus: null, workers: 3 })).toMatchObject({ workers: 3, device: 'auto' });
  });

  it('refuses more workers than GPUs, and says what to do', () => {
    expect(() => planWorkers({ ...ASK, gpus: 1, workers: 2 })).toThrow(
      'there is 1 GPU to claim, one for each worker. Ask for fewer, or use --device cpu',
    );
  });
});

describe('workerEnvironment', () => {
  it('keeps every lane of a CPU worker on one thread', () => {
    expect(workerEnvironment({ workers: 1, engines: 3, device: 'cpu' }, 'worker-1')).toEqual({
      ...KEEP_MEMORY,
      SKIPLANE_WORKER_ID: 'worker-1',
      SKIPLANE_DEVICE: 'cpu',
      SKIPLANE_DEVICES: '',
      SKIPLANE_ENGINES: '3',
      TF_NUM_INTRAOP_THREADS: '1',
      TF_NUM_INTEROP_THREADS: '4',
      OMP_NUM_THREADS: '1',
    });
  });

  it('tells each GPU worker what to claim one of', () => {
    expect(workerEnvironment({ workers: 2, engines: null, device: 'auto' }, 'worker-2')).toEqual({
      ...KEEP_MEMORY,
      SKIPLANE_WORKER_ID: 'worker-2',
      SKIPLANE_DEVICE: 'auto',
    });
  });
});
