/** Entry of a child process: evaluates weights files on this machine, on all cores or a GPU. Answers once. */
import { evaluationResult, mergeTallies, RefusedInputError, type EvaluationResult } from '#contracts';
import { unreadablePolicy } from '#dataset';
import { readStoreSettings } from '#stores';
import { answerParent } from '#threads';
import { configureThreads } from '#tensorflow-runtime';
import { Evaluator, loadModels, openTestCrops, readTally, samplesAtOnce } from '#evaluation';
import { type InferencePool } from '#engine';
import { countDisplay } from '../../output/count-display.js';
import { printNote } from '../../output/print-line.js';
import { localEvaluationSchema, type LocalEvaluation } from './local-evaluation.js';

/** One more than the engines: decoding runs in the same pool. */
const DECODE_THREADS = 1;

async function evaluate(options: LocalEvaluation): Promise<EvaluationResult> {
  const { models: sources, dataset, split, protocol, batchSize, engine, numEngines, showsProgress } = options;
  if (engine === 'graph') configureThreads({ engines: numEngines + DECODE_THREADS });
  const opened = await openTestCrops({
    dataset,
    split,
    protocol,
    decoder: engine === 'graph' ? 'tensorflow' : 'portable',
    stores: readStoreSettings(process.env),
  });
  let loaded: readonly InferencePool[] = [];
  try {
    checkClasses(options, opened.classes.length);
    loaded = await loadModels({ sources, engine, numEngines });
    const evaluator = new Evaluator({
      protocol,
      models: loaded,
      crops: opened.crops,
      samplesAtOnce: samplesAtOnce(protocol, batchSize),
      unreadable: unreadablePolicy(dataset),
      onSkipped: ({ path, reason }) => printNote(`${path} was left out: ${reason}`),
    });
    let done = 0;
    // The pipe ends at the terminal of whoever started this.
    using display = countDisplay({ terminal: showsProgress ? process.stderr : null, note: printNote });
    const onCounted = (count: number): void => {
      done += count;
      display.show(() => `${done} of ${opened.numSamples} images`);
    };
    // As many slices at once as there are engines, each of neighbouring samples.
    const slices = Array.from({ length: numEngines }, (_, slice) => {
      const from = Math.floor((opened.numSamples * slice) / numEngines);
      const to = Math.floor((opened.numSamples * (slice + 1)) / numEngines);
      return Uint32Array.from({ length: to - from }, (__, at) => from + at);
    });
    const counted = await Promise.all(slices.map((samples) => evaluator.counts(samples, onCounted)));
    const tallies = counted.map(({ vector }) => readTally(vector, opened.classes.length));
    return evaluationResult(mergeTallies(tallies), opened.classNames);
  } finally {
    await Promise.all([opened.close(), ...loaded.map((model) => model.close())]);
  }
}

function checkClasses({ models, dataset }: LocalEvaluation, numClasses: number): void {
  const faults = models
    .filter(({ model }) => model.numClasses !== numClasses)
    .map(({ model, path }) => ({
      path,
      message: `${model.architecture} of ${model.numClasses} classes, ${dataset.path} has ${numClasses}: give --num-classes`,
    }));
  if (faults.length > 0) throw new RefusedInputError('networks and data set do not fit', faults);
}

await answerParent(localEvaluationSchema, async (order, answer) => answer(await evaluate(order)));
