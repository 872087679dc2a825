import { evaluationResult, type EvaluationRequest, type EvaluationView } from '#contracts';

const CLASSES = ['circle', 'cross', 'diamond', 'heart', 'hexagon', 'moon', 'ring', 'square', 'star', 'triangle'];
const IMAGES_OF_CLASS = 200;

/** An evaluation that is done: every tenth image of a class was taken for the next class. */
export function fixtureEvaluation(runId: string, request: EvaluationRequest, index: number): EvaluationView {
  const wrong = IMAGES_OF_CLASS / 10;
  const confusion = CLASSES.flatMap((_, label): [number, number, number][] => [
    [label, label, IMAGES_OF_CLASS - wrong],
    [label, (label + 1) % CLASSES.length, wrong],
  ]);
  const samples = CLASSES.length * IMAGES_OF_CLASS;
  const counts = { lossSum: 0.3 * samples, samples, correct: 0.9 * samples, correctTop5: 0.99 * samples, confusion };
  return {
    id: `${runId}-${request.protocol.kind}-${index}`,
    runId,
    state: 'finished',
    reason: null,
    createdAt: 1,
    startedAt: 2,
    finishedAt: 3,
    protocol: request.protocol,
    split: request.split,
    networks: [{ source: `run ${runId}, step 300`, architecture: 'resnet20', sha256: 'a'.repeat(64) }],
    progress: { samples, totalSamples: samples },
    workers: [],
    result: evaluationResult(counts, CLASSES),
  };
}
