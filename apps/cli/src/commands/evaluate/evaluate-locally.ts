import { availableParallelism } from 'node:os';
import { evaluationResultSchema, type EvaluationResult } from '#contracts';
import { readAnswers } from '#threads';
import type { ComputeSetup } from '../../local-stack/index.js';
import { printNote } from '../../output/print-line.js';
import { type LocalEvaluation } from './local-evaluation.js';

/**
 * Evaluates weights files on this machine in a process of its own, which alone loads TensorFlow; provisions it where it
 * is missing. Throws RefusedInputError naming every file that does not fit.
 */
export async function evaluateLocally(
  options: Omit<LocalEvaluation, 'engine' | 'numEngines'>,
  signal: AbortSignal,
): Promise<EvaluationResult> {
  const { startTensorFlowProcess } = await import('../../local-stack/index.js');
  const entry = new URL('./evaluate-process.js', import.meta.url);
  const argumentFor = ({ engine, onGpu }: ComputeSetup): LocalEvaluation => {
    return { ...options, engine, numEngines: onGpu ? 1 : availableParallelism() };
  };
  const child = await startTensorFlowProcess(entry, argumentFor, signal);
  for await (const result of readAnswers(child.output, { schema: evaluationResultSchema, onOther: printNote }))
    return result;
  throw new Error(`the evaluation ended with code ${await child.ended} and no result`);
}
