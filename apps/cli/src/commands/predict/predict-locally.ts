import { createInterface } from 'node:readline';
import { RefusedInputError } from '#contracts';
import { localPredictionAnswerSchema, type LocalPrediction, type LocalPredictionAnswer } from './local-prediction.js';

/** The answer to one file. */
export type HereAnswer = Exclude<LocalPredictionAnswer, { kind: 'fault' }>;

/**
 * Predicts image files on this machine in a process of its own, which alone loads TensorFlow; provisions it where it is
 * missing. Gives an answer for each file as it is made; throws RefusedInputError where the weights do not fit.
 */
export async function* predictHere(
  options: Omit<LocalPrediction, 'engine'>,
  signal: AbortSignal,
): AsyncGenerator<HereAnswer> {
  const { startTensorFlowProcess } = await import('../../local-stack/index.js');
  const entry = new URL('./predict-process.js', import.meta.url);
  const child = await startTensorFlowProcess(entry, ({ engine }) => ({ ...options, engine }), signal);
  let numAnswers = 0;
  for await (const line of createInterface({ input: child.output })) {
    if (!line.startsWith('{')) continue;
    const answer = localPredictionAnswerSchema.parse(JSON.parse(line));
    if (answer.kind === 'fault') {
      throw answer.isRefused ? new RefusedInputError(answer.message, answer.faults) : new Error(answer.message);
    }
    numAnswers += 1;
    yield answer;
  }
  const code = await child.ended;
  if (numAnswers < options.files.length) throw new Error(`the prediction ended with code ${code} before its end`);
}
