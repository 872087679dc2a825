import { buildNetwork, layoutOf } from '#resnet';
import { formatBandwidth } from '../../apps/cli/src/commands/plan/bandwidth.js';
import { stagesOf } from '../../apps/cli/src/commands/plan/stages-of.js';
import { planStep, type Cluster, type StepPlan, type StepWork } from '../../apps/cli/src/commands/plan/step-model.js';
import { table } from '../../apps/cli/src/output/table.js';
import type { MeasuredStep, Trained } from './measure-steps.js';

/** A measured step beside the model's. */
export interface Comparison {
  readonly overlap: 'on' | 'off';
  readonly workers: number;
  readonly bitsPerSecond: number;
  readonly measured: MeasuredStep;
  readonly modelMs: number;
  /** The longer of computing and exchange by the model: no overlap makes a step shorter. */
  readonly longerMs: number;
  /** Of the model from the measured step: 0.05 is 5 % too long. */
  readonly deviation: number;
  readonly bound: StepPlan['bound'];
}

/** The model must be so close. */
export const TOLERANCE = 0.1;

/** What a step has to do, by what one worker alone took. */
export type MeasuredWork = Omit<StepWork, 'lanes' | 'stages'> & Pick<Trained, 'model'>;

export function workOf(alone: MeasuredStep, { model, laneBatchSize }: Trained, wire: StepWork['wire']): MeasuredWork {
  const { vectorLength, numTrained } = layoutOf(buildNetwork(model));
  const { computeMs, dataMs, updateMs } = alone;
  return { model, laneBatchSize, wire, vectorLength, numTrained, computeMs, dataMs, updateMs, vectorMs: 0 };
}

export function compare(
  { model, ...work }: MeasuredWork,
  {
    overlap,
    workers,
    bitsPerSecond,
    servers,
  }: Pick<Comparison, 'overlap'> & Pick<Cluster, 'workers' | 'bitsPerSecond' | 'servers'>,
  measured: MeasuredStep,
): Comparison {
  const stages = stagesOf(buildNetwork(model), overlap === 'on');
  const cluster = { workers, bitsPerSecond, servers, workersPerHost: 1, engines: 1 };
  const { stepMs: modelMs, computeMs, exchangeMs, bound } = planStep({ ...work, stages, lanes: workers }, cluster);
  const deviation = modelMs / measured.stepMs - 1;
  const longerMs = Math.max(computeMs, exchangeMs);
  return { overlap, workers, bitsPerSecond, measured, modelMs, longerMs, deviation, bound };
}

export function comparisonsText(comparisons: readonly Comparison[]): string {
  const ms = (value: number): string => value.toFixed(0);
  const columns = [
    'OVERLAP',
    'WORKERS',
    'LINE',
    'MEASURED MS',
    'OF IT COMPUTE',
    'EXCHANGE',
    'MODEL MS',
    'DEVIATION',
    'LONGER PART',
  ];
  return table(
    [...columns.map((title) => ({ title, right: true })), { title: 'BOUND BY' }],
    comparisons.map(({ overlap, workers, bitsPerSecond, measured, modelMs, deviation, longerMs, bound }) => [
      overlap,
      String(workers),
      formatBandwidth(bitsPerSecond),
      ms(measured.stepMs),
      ms(measured.computeMs),
      ms(measured.exchangeMs),
      ms(modelMs),
      `${deviation < 0 ? '' : '+'}${(deviation * 100).toFixed(1)} %`,
      ms(longerMs),
      bound,
    ]),
  );
}
