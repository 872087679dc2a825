import type { Cluster, StepPlan, StepWork } from './step-model.js';
import { planStep } from './step-model.js';

/** What could be otherwise, in words for a person. */
interface Change {
  readonly change: string;
  readonly work: StepWork;
  readonly cluster: Cluster;
}

export interface Advice {
  readonly change: string;
  readonly imagesPerSecond: number;
  readonly efficiency: number;
}

/** Less than this is no advice. */
const LEAST_GAIN = 1.02;

/** The changes that would make a step's images faster, the best first; `stages` are those of a step with overlap. */
export function changesThatHelp(work: StepWork, plan: StepPlan, stages: StepWork['stages']): readonly Advice[] {
  return changesOf(work, plan.cluster, stages)
    .map(({ change, work: other, cluster }) => {
      const { imagesPerSecond, efficiency } = planStep(other, cluster);
      return { change, imagesPerSecond, efficiency };
    })
    .filter(({ imagesPerSecond }) => imagesPerSecond > plan.imagesPerSecond * LEAST_GAIN)
    .sort((one, other) => other.imagesPerSecond - one.imagesPerSecond);
}

/** A choice of the run or of the cluster is a row. */
function changesOf(work: StepWork, cluster: Cluster, stages: StepWork['stages']): readonly Change[] {
  const { workers, servers, workersPerHost, engines, bitsPerSecond } = cluster;
  const gigabits = (bitsPerSecond * 2) / 1e9;
  const hosts = Math.ceil(workers / workersPerHost);
  return [
    ...(work.wire === 'fp32' ? [{ change: '"wire": "bf16"', work: { ...work, wire: 'bf16' as const }, cluster }] : []),
    ...(work.stages.length < stages.length
      ? [{ change: 'SKIPLANE_OVERLAP=on', work: { ...work, stages }, cluster }]
      : []),
    { change: `${2 * servers} parameter servers`, work, cluster: { ...cluster, servers: 2 * servers } },
    { change: `lines of ${gigabits} Gb/s`, work, cluster: { ...cluster, bitsPerSecond: 2 * bitsPerSecond } },
    {
      change: `"laneBatchSize": ${2 * work.laneBatchSize}`,
      work: { ...work, laneBatchSize: 2 * work.laneBatchSize, computeMs: 2 * work.computeMs },
      cluster,
    },
    ...(workersPerHost > 1
      ? [
          {
            change: 'one worker a host, for all its devices',
            work,
            cluster: { ...cluster, workers: hosts, workersPerHost: 1, engines: engines * workersPerHost },
          },
        ]
      : []),
  ];
}
