import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { RefusedInputError } from '#contracts';
import { consoleProgress } from '../console-progress.js';
import { KEEP_MEMORY } from '../stack/worker-plan.js';
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
  const { provisionStack, readStackConfig } = await import('../stack/index.js');
  const config = readStackConfig(process.env);
  const engine = config.engine === 'portable' ? 'portable' : 'graph';
  await provisionStack({ ...config, engine }, consoleProgress(console.error), signal, { needsRedis: false });
  const entry = fileURLToPath(new URL('./predict-process.js', import.meta.url));
  const child = spawn(process.execPath, [entry, JSON.stringify({ ...options, engine } satisfies LocalPrediction)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...KEEP_MEMORY },
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  let numAnswers = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    const answer = localPredictionAnswerSchema.parse(JSON.parse(line));
    if (answer.kind === 'fault') {
      throw answer.isRefused ? new RefusedInputError(answer.message, answer.faults) : new Error(answer.message);
    }
    numAnswers += 1;
    yield answer;
  }
  const code = await ended;
  if (numAnswers < options.files.length) throw new Error(`the prediction ended with code ${code} before its end`);
}
