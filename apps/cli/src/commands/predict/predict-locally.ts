import { readAnswers } from '#threads';
import { printNote } from '../../output/print-line.js';
import { localPredictionAnswerSchema, type LocalPrediction, type LocalPredictionAnswer } from './local-prediction.js';

/**
 * Predicts image files on this machine in a process of its own, which alone loads TensorFlow; provisions it where it is
 * missing. Gives an answer for each file as it is made; throws RefusedInputError where the weights do not fit.
 */
export async function* predictLocally(
  options: Omit<LocalPrediction, 'engine'>,
  signal: AbortSignal,
): AsyncGenerator<LocalPredictionAnswer> {
  const { startTensorFlowProcess } = await import('../../local-stack/index.js');
  const entry = new URL('./predict-process.js', import.meta.url);
  const child = await startTensorFlowProcess(entry, ({ engine }) => ({ ...options, engine }), signal);
  let numAnswers = 0;
  for await (const answer of readAnswers(child.output, { schema: localPredictionAnswerSchema, onOther: printNote })) {
    numAnswers += 1;
    yield answer;
  }
  const code = await child.ended;
  if (numAnswers < options.files.length) throw new Error(`the prediction ended with code ${code} before its end`);
}
