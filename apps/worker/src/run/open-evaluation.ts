import { evaluationTimeline, type EvaluationPlan } from '#contracts';
import { unreadablePolicy } from '#dataset';
import { EvaluationWork, Evaluator, loadMembers, openViews, samplesAtOnce } from '#evaluation';
import type { RoundWork } from '#training';
import type { OpenWorkOptions } from './open-work-options.js';

/** Loads the networks of an evaluation and opens its data. Rejects with RefusedInputError when either is not as planned. */
export async function openEvaluation(plan: EvaluationPlan, options: OpenWorkOptions): Promise<RoundWork> {
  const { device, guard, origin, report, onSkipped, onClose } = options;
  const { protocol, split, models: sources } = plan.evaluation;
  const { engine, numEngines } = device;
  const views = await openViews({
    dataset: plan.spec.dataset,
    split,
    protocol,
    decoder: engine === 'graph' ? 'tensorflow' : 'portable',
    digest: plan.dataset.digest,
  });
  onClose(() => views.close());
  const members = await loadMembers({ sources, engine, numEngines, guard });
  for (const member of members) onClose(() => member.close());
  const [first] = members;
  if (!first) throw new Error('an evaluation needs at least one network');
  const evaluator = new Evaluator({
    protocol,
    members,
    views: views.views,
    samplesAtOnce: samplesAtOnce(protocol, plan.spec.laneBatchSize),
    unreadable: unreadablePolicy(plan.spec.dataset),
    onSkipped,
  });
  return new EvaluationWork({
    evaluator,
    timeline: evaluationTimeline(plan),
    numClasses: first.network.numClasses,
    firstRound: plan.start.round,
    origin,
    report,
  });
}
