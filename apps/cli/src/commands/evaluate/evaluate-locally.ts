import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { RefusedInputError, type EvaluationResult } from '#contracts';
import type { ComputeSetup } from '../../local-stack/index.js';
import { localAnswerSchema, type LocalEvaluation } from './local-evaluation.js';

/**
 * Evaluates weights files on this machine in a process of its own, which alone loads TensorFlow; provisions it where it
 * is missing. Throws RefusedInputError naming every file that does not fit.
 */
export async function evaluateHere(
  options: Omit<LocalEvaluation, 'engine' | 'numEngines'>,
  signal: AbortSignal,
): Promise<EvaluationResult> {
  const { startTensorFlowProcess } = await import('../../local-stack/index.js');
  const entry = new URL('./evaluate-process.js', import.meta.url);
  const argumentFor = ({ engine, onGpu }: ComputeSetup): LocalEvaluation => {
    return { ...options, engine, numEngines: onGpu ? 1 : availableParallelism() };
  };
  const child = await startTensorFlowProcess(entry, argumentFor, signal);
  const [output, code] = await Promise.all([text(child.output), child.ended]);
  const line = output.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(`the evaluation ended with code ${code} and no result`);
  const answer = localAnswerSchema.parse(JSON.parse(line));
  if (answer.ok) return answer.result;
  if (answer.isRefused) throw new RefusedInputError(answer.message, answer.faults);
  throw new Error(answer.message);
}
