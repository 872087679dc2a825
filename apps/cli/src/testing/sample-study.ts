import {
  studySpecSchema,
  studyTableSchema,
  studyTrials,
  studyViewSchema,
  type StudyTable,
  type StudyView,
} from '#contracts';

/** A study as the user writes it: two depths, two seeds. */
export const studyInput = {
  name: 'depth',
  base: {
    model: { architecture: 'resnet{depth}', numClasses: 2 },
    dataset: { kind: 'image-folder', path: 'data/shapes' },
    epochs: 2,
  },
  axes: [{ name: 'depth', values: [20, 56] }],
  seeds: [1, 2],
};

/** A study whose first run has finished and whose second one trains; the contract's schema has checked it. */
export function sampleStudy(changes: Partial<StudyView> = {}): StudyView {
  const spec = studySpecSchema.parse(studyInput);
  const states = ['finished', 'running', 'pending', 'pending'] as const;
  return studyViewSchema.parse({
    id: 's1b2c3d4',
    name: 'depth',
    state: 'running',
    createdAt: 1_700_000_000_000,
    finishedAt: null,
    numRuns: 4,
    numFinished: 1,
    numFailed: 0,
    spec,
    trials: studyTrials(spec).map(({ combination, seed }, index) => ({
      labels: [...combination.labels],
      seed,
      runId: `run-${index}`,
      state: states[index] ?? 'pending',
      reason: null,
      step: index === 0 ? 80 : index === 1 ? 20 : 0,
      totalSteps: 80,
      trainError: index === 0 ? 0.25 : null,
      validationError: index === 0 ? 0.125 : null,
      bestValidationError: index === 0 ? 0.125 : null,
    })),
    figures: ['error-by-iteration', 'error-by-depth'],
    ...changes,
  } satisfies StudyView);
}

/** The same study when it is over: every run in `state`. */
export function endedStudy(
  state: 'finished' | 'failed' | 'cancelled',
  numFinished = state === 'finished' ? 4 : 0,
): StudyView {
  const trials = sampleStudy().trials.map((trial, index) => ({
    ...trial,
    state: index < numFinished ? ('finished' as const) : state === 'cancelled' ? state : ('failed' as const),
    reason: index < numFinished ? null : 'Loss is not finite',
    step: 80,
    trainError: 0.25,
    validationError: 0.125,
  }));
  return sampleStudy({ state, numFinished, numFailed: 4 - numFinished, finishedAt: 1_700_000_100_000, trials });
}

export function sampleStudyTable(): StudyTable {
  const error = { mean: 0.1234, std: 0.0123, count: 2 };
  const row = {
    labels: ['20'],
    parameters: 269_722,
    numRuns: 2,
    numFinished: 2,
    missing: null,
    trainError: error,
    validationError: { ...error, std: null },
    bestValidationError: null,
    runIds: ['run-0', 'run-1'],
  };
  return studyTableSchema.parse({
    studyId: 's1b2c3d4',
    name: 'depth',
    state: 'finished',
    axes: ['depth'],
    rows: [row, { ...row, labels: ['56'], numFinished: 1, missing: 'seed 2 failed: Loss is not finite' }],
  } satisfies StudyTable);
}
