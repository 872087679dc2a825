import { runSpecSchema, runViewSchema, type RunView, type ShownCheckpoint } from '#contracts';

/** A run that is training, as a coordinator would show it; the contract's schema has checked it. */
export function sampleRun(changes: Partial<RunView> = {}): RunView {
  return runViewSchema.parse({
    id: 'a1b2c3d4',
    spec: runSpecSchema.parse({
      name: 'resnet20-shapes',
      model: { architecture: 'resnet20', numClasses: 10 },
      dataset: { kind: 'image-folder', path: 'data/shapes' },
      lanes: 4,
      epochs: 6,
    }),
    state: 'running',
    reason: null,
    createdAt: 1_700_000_000_000,
    startedAt: 1_700_000_001_000,
    finishedAt: null,
    incarnation: 1,
    progress: {
      step: 210,
      totalSteps: 480,
      epoch: 2,
      epochs: 6,
      loss: 0.8123,
      trainAccuracy: 0.712,
      valLoss: 0.9,
      valAccuracy: 0.68,
      imagesPerSecond: 540.4,
      etaSeconds: 70,
    },
    dataset: {
      numTrainSamples: 10_240,
      numValidationSamples: 1_000,
      classes: ['circle', 'square'],
      digest: 'd'.repeat(64),
    },
    lanes: [{ lane: 0, workerId: 'worker-1' }],
    workers: ['worker-1'],
    stragglerReport: [],
    shardCaches: [],
    fingerprint: 'tf-2.21 cpu avx512',
    mixedFromStep: null,
    fastFromStep: null,
    ledger: [{ epoch: 0, samples: 10_240, expected: 10_240, missing: 0, repeated: 0, chain: 'c'.repeat(64) }],
    checkpoints: [],
    weightsSha256: null,
    stopped: null,
    studyId: null,
    tags: [],
    origin: null,
    notes: '',
    isArchived: false,
    numWarnings: 0,
    warnings: [],
    ...changes,
  } satisfies RunView);
}

export function sampleCheckpoint(step: number, weightsSha256: string): ShownCheckpoint {
  return {
    step,
    round: step + 2,
    directory: `/data/checkpoints/a1b2c3d4/${step}`,
    weightsSha256,
    sizeBytes: 5,
    at: 1,
    isBest: false,
  };
}
