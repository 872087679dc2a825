import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { RefusedInputError, type EvaluationResult } from '#contracts';
import { consoleProgress } from '../console-progress.js';
import { KEEP_MEMORY } from '../stack/worker-plan.js';
import { localAnswerSchema, type LocalEvaluation } from './local-evaluation.js';

/**
 * Evaluates weights files on this machine in a process of its own, which alone loads TensorFlow; provisions it where it
 * is missing. Throws RefusedInputError naming every file that does not fit.
 */
export async function evaluateHere(
  options: Omit<LocalEvaluation, 'engine'>,
  signal: AbortSignal,
): Promise<EvaluationResult> {
  const { provisionStack, readStackConfig } = await import('../stack/index.js');
  const config = readStackConfig(process.env);
  const engine = config.engine === 'portable' ? 'portable' : 'graph';
  await provisionStack({ ...config, engine }, consoleProgress(console.error), signal, { needsRedis: false });
  const entry = fileURLToPath(new URL('./evaluate-process.js', import.meta.url));
  const child = spawn(process.execPath, [entry, JSON.stringify({ ...options, engine } satisfies LocalEvaluation)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...KEEP_MEMORY },
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [output, code] = await Promise.all([text(child.stdout), ended]);
  const line = output.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`the evaluation ended with code ${code} and no result`);
  const answer = localAnswerSchema.parse(JSON.parse(line));
  if (answer.ok) return answer.result;
  if (answer.isRefused) throw new RefusedInputError(answer.message, answer.faults);
  throw new Error(answer.message);
}
