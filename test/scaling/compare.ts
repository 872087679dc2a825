import { buildNetwork, layoutOf } from '#resnet';
import { formatBandwidth } from '../../apps/cli/src/commands/plan/bandwidth.js';
import { planStep, type Cluster, type StepPlan, type StepWork } from '../../apps/cli/src/commands/plan/step-model.js';
import { table } from '../../apps/cli/src/output/table.js';
import { LANE_BATCH_SIZE, MODEL, type MeasuredStep } from './measure-steps.js';

/** A measured step beside the model's. */
export interface Comparison {
  readonly workers: number;
  readonly bitsPerSecond: number;
  readonly measured: MeasuredStep;
  readonly modelMs: number;
  /** Of the model from the measured step: 0.05 is 5 % too long. */
  readonly deviation: number;
  readonly bound: StepPlan['bound'];
}

/** The model must be so close. */
export const TOLERANCE = 0.1;

/** What a step has to do, by what one worker alone took. */
export function workOf(alone: MeasuredStep, wire: StepWork['wire']): Omit<StepWork, 'lanes'> {
  const { vectorLength, numTrained } = layoutOf(buildNetwork(MODEL));
  const { computeMs, dataMs, updateMs } = alone;
  return { laneBatchSize: LANE_BATCH_SIZE, wire, vectorLength, numTrained, computeMs, dataMs, updateMs, vectorMs: 0 };
}

export function compare(
  work: Omit<StepWork, 'lanes'>,
  { workers, bitsPerSecond, servers }: Pick<Cluster, 'workers' | 'bitsPerSecond' | 'servers'>,
  measured: MeasuredStep,
): Comparison {
  const plan = planStep(
    { ...work, lanes: workers },
    { workers, bitsPerSecond, servers, workersPerHost: 1, engines: 1 },
  );
  const deviation = plan.stepMs / measured.stepMs - 1;
  return { workers, bitsPerSecond, measured, modelMs: plan.stepMs, deviation, bound: plan.bound };
}

export function comparisonsText(comparisons: readonly Comparison[]): string {
  const ms = (value: number): string => value.toFixed(0);
  const columns = ['WORKERS', 'LINE', 'MEASURED MS', 'OF IT COMPUTE', 'EXCHANGE', 'MODEL MS', 'DEVIATION'];
  return table(
    [...columns.map((title) => ({ title, right: true })), { title: 'BOUND BY' }],
    comparisons.map(({ workers, bitsPerSecond, measured, modelMs, deviation, bound }) => [
      String(workers),
      formatBandwidth(bitsPerSecond),
      ms(measured.stepMs),
      ms(measured.computeMs),
      ms(measured.exchangeMs),
      ms(modelMs),
      `${deviation < 0 ? '' : '+'}${(deviation * 100).toFixed(1)} %`,
      bound,
    ]),
  );
}
