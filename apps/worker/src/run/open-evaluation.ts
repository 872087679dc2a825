import { evaluationTimeline, type EvaluationPlan } from '#contracts';
import { unreadablePolicy } from '#dataset';
import { layoutOf } from '#resnet';
import { evaluationWork, Evaluator, loadMembers, openViews, samplesAtOnce, statelessPorts } from '#evaluation';
import { INITIAL_SCHEDULE_STATE } from '#training';
import type { OpenedWork, OpenWorkOptions } from './opened-work.js';

/** Loads the networks of an evaluation and opens its data. Rejects with RefusedInputError when either is not as planned. */
export async function openEvaluation(plan: EvaluationPlan, options: OpenWorkOptions): Promise<OpenedWork> {
  const { device, guard, onSkipped, onClose } = options;
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
  return {
    layout: layoutOf(first.network),
    ports: statelessPorts(),
    evaluation: evaluationWork(evaluator, evaluationTimeline(plan), first.network.numClasses),
    start: () => emptySnapshot(plan),
  };
}

/** Where the counting begins; there is nothing else to know. */
function emptySnapshot({ start }: EvaluationPlan): ReturnType<OpenedWork['start']> {
  const none = (): Float32Array<ArrayBuffer> => new Float32Array(0);
  return {
    round: start.round,
    state: { parameters: none(), momentum: none(), statistics: none() },
    schedule: INITIAL_SCHEDULE_STATE,
  };
}
