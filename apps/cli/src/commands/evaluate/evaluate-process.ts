/** Entry of a child process: evaluates weights files on this machine, on all cores or a GPU. Answers once. */
import { evaluationResult, mergeTallies, RefusedInputError, type EvaluationResult } from '#contracts';
import { unreadablePolicy } from '#dataset';
import { readStoreSettings } from '#stores';
import { answerParent } from '#threads';
import { configureThreads } from '#tensorflow-runtime';
import { Evaluator, loadModels, openTestCrops, readTally, samplesAtOnce, type SplitRounds } from '#evaluation';
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
    // As many slices at once as there are engines, each of neighbouring samples.
    const slices = Array.from({ length: numEngines }, (_, slice) => {
      const from = Math.floor((opened.numSamples * slice) / numEngines);
      const to = Math.floor((opened.numSamples * (slice + 1)) / numEngines);
      return Uint32Array.from({ length: to - from }, (__, at) => from + at);
    });
    const lanes = [...slices.keys()];
    const follow = opened.crops.follow(roundsOf(slices, batchSize));
    follow(lanes, 0);
    let done = 0;
    // The pipe ends at the terminal of whoever started this.
    using display = countDisplay({ terminal: showsProgress ? process.stderr : null, note: printNote });
    const onCounted = (count: number): void => {
      done += count;
      follow(lanes, Math.floor(done / (batchSize * numEngines)));
      display.show(() => `${done} of ${opened.numSamples} images`);
    };
    const counted = await Promise.all(slices.map((samples) => evaluator.counts(samples, onCounted)));
    const tallies = counted.map(({ vector }) => readTally(vector, opened.classes.length));
    return evaluationResult(mergeTallies(tallies), opened.classNames);
  } finally {
    await Promise.all([opened.crops.close(), ...loaded.map((model) => model.close())]);
  }
}

/** Slices that are counted side by side, in rounds of a batch each. */
function roundsOf(slices: readonly Uint32Array[], batchSize: number): SplitRounds {
  const numRounds = Math.ceil(Math.max(...slices.map(({ length }) => length)) / batchSize);
  return {
    numRounds,
    samplesARound: batchSize,
    mostRounds: numRounds,
    samples: (lane, round) => {
      return slices[lane]?.subarray(round * batchSize, (round + 1) * batchSize) ?? new Uint32Array();
    },
  };
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
