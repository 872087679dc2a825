/** Entry of a child process: predicts image files on this machine. Prints a line of JSON for each. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RefusedInputError } from '#contracts';
import { answerParent } from '#threads';
import { configureThreads } from '#tensorflow-runtime';
import { Predictor } from '#evaluation';
import { localPredictionSchema, type LocalPrediction, type LocalPredictionAnswer } from './local-prediction.js';

async function predictAll(
  { model, weights, engine, files, ...asked }: LocalPrediction,
  answer: (answer: LocalPredictionAnswer) => void,
): Promise<void> {
  if (engine === 'graph') configureThreads({ engines: 1 });
  const predictor = await Predictor.load({ model, path: weights }, engine);
  try {
    for (const { path, overlay } of files) answer(await predictFile(predictor, { ...asked, path, overlay }));
  } finally {
    await predictor.close();
  }
}

async function predictFile(
  predictor: Predictor,
  {
    path,
    overlay,
    orientation,
    top,
    ofClass,
  }: LocalPrediction['files'][number] & Pick<LocalPrediction, 'orientation' | 'top' | 'ofClass'>,
): Promise<LocalPredictionAnswer> {
  try {
    const image = await readFile(path);
    const drawn = overlay === null ? null : { ofClass };
    const prediction = await predictor.predict({ image, orientation, top, overlay: drawn });
    if (overlay !== null && prediction.overlay) {
      await mkdir(dirname(overlay), { recursive: true });
      await writeFile(overlay, prediction.overlay.png);
    }
    const { width, height, classes } = prediction;
    return { kind: 'prediction', width, height, classes: [...classes], overlayOf: prediction.overlay?.ofClass ?? null };
  } catch (error) {
    const isOfFile = error instanceof RefusedInputError || (error instanceof Error && 'syscall' in error);
    if (!isOfFile) throw error;
    const reason = error instanceof RefusedInputError ? (error.faults[0]?.message ?? error.message) : error.message;
    return { kind: 'refused', reason };
  }
}

await answerParent(localPredictionSchema, predictAll);
