import type { Prediction, RunView } from '#contracts';

const CLASSES = [
  'ring',
  'circle',
  'moon',
  'heart',
  'a class with a name that is far too long for the width of a phone',
];
/** One pixel of red, one of blue. */
const PIXELS: Readonly<Record<string, string>> = {
  ring: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
};
const OTHER = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC';

/** What a run says of any image. */
export function fixturePrediction(run: RunView, ofClass: string | null): Prediction {
  const shares = [0.9, 0.06, 0.03, 0.009, 0.001];
  const name = ofClass ?? 'ring';
  return {
    runId: run.id,
    step: run.checkpoints.at(-1)?.step ?? 0,
    weights: 'trained',
    image: { width: 40, height: 30 },
    classes: CLASSES.map((of, index) => ({ index, name: of, probability: shares[index] ?? 0 })),
    overlay: { ofClass: CLASSES.indexOf(name), name, png: PIXELS[name] ?? OTHER },
  };
}
