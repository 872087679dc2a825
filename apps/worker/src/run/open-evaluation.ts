import { evaluationTimeline, RefusedInputError, type EvaluationPlan } from '#contracts';
import { unreadablePolicy } from '#dataset';
import { AddressedFiles, type StoreSettings } from '#stores';
import { EvaluationWork, Evaluator, loadModels, openTestCrops, samplesAtOnce, type ModelSource } from '#evaluation';
import type { RoundWork } from '#training';
import { checkPrecision } from '../device/check-precision.js';
import type { OpenWorkOptions } from './open-work-options.js';

/**
 * Loads the networks of an evaluation and opens its data. Rejects with RefusedInputError when either is not as
 * planned or the worker cannot compute in a network's precision.
 */
export async function openEvaluation(plan: EvaluationPlan, options: OpenWorkOptions): Promise<RoundWork> {
  const { device, guard, indexes, stores, datasetPath, origin, report, onSkipped, onClose } = options;
  const { protocol, split, models: sources } = plan.evaluation;
  const { engine, numEngines } = device;
  for (const { precision } of sources) checkPrecision(device, precision);
  const opened = await openTestCrops({
    dataset: plan.spec.dataset,
    split,
    protocol,
    decoder: engine === 'graph' ? 'tensorflow' : 'portable',
    digest: plan.dataset.digest,
    indexes,
    stores,
    path: datasetPath,
  });
  onClose(() => opened.crops.close());
  const models = await loadModels({ sources: await onThisDisk(sources, stores), engine, numEngines, guard });
  for (const model of models) onClose(() => model.close());
  const [first] = models;
  if (!first) throw new Error('an evaluation needs at least one network');
  const evaluator = new Evaluator({
    protocol,
    models,
    crops: opened.crops,
    samplesAtOnce: samplesAtOnce(protocol, plan.spec.laneBatchSize),
    unreadable: unreadablePolicy(plan.spec.dataset),
    onSkipped,
  });
  return new EvaluationWork({
    evaluator,
    timeline: evaluationTimeline(plan),
    crops: opened.crops,
    numClasses: first.network.numClasses,
    firstRound: plan.start.round,
    origin,
    report,
  });
}

/** Networks whose weights lie in a store, with where they are fetched to. */
async function onThisDisk(
  sources: EvaluationPlan['evaluation']['models'],
  stores: StoreSettings,
): Promise<ModelSource[]> {
  const files = new AddressedFiles(stores);
  try {
    const found: ModelSource[] = [];
    for (const source of sources) {
      const path = await files.pathOf(source.path);
      if (path === undefined) throw new RefusedInputError(`the weights ${source.path} are not there`);
      found.push({ ...source, path });
    }
    return found;
  } finally {
    files.close();
  }
}
