import { formatBytes, formatRate, formatShare } from '../../output/quantities.js';
import { table } from '../../output/table.js';
import { formatBandwidth } from './bandwidth.js';
import type { Advice } from './changes-that-help.js';
import type { StepPlan } from './step-model.js';

const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** Plans side by side, a line each. */
export function plansText(name: string, plans: readonly (StepPlan & { readonly advice: readonly Advice[] })[]): string {
  const [first] = plans;
  if (first === undefined) return '';
  const { cluster, vectorBytes } = first;
  const servers = `${cluster.servers} parameter server${cluster.servers === 1 ? '' : 's'}`;
  const head = `${name}: a gradient of ${formatBytes(vectorBytes)}, ${servers}, ${formatBandwidth(cluster.bitsPerSecond)} a host`;
  const columns = ['WORKERS', 'STEP', 'COMPUTE', 'EXCHANGE', 'HIDDEN', 'IMAGES/S', 'EFFICIENCY'];
  const rows = plans.map((plan) => [
    String(plan.cluster.workers),
    ms(plan.stepMs),
    ms(plan.computeMs),
    ms(plan.exchangeMs),
    ms(plan.hiddenMs),
    formatRate(plan.imagesPerSecond),
    formatShare(plan.efficiency),
    plan.bound,
  ]);
  const lines = table([...columns.map((title) => ({ title, right: true })), { title: 'BOUND BY' }], rows);
  return [head, '', lines, ...plans.flatMap(adviceText)].join('\n');
}

function adviceText({ cluster, advice }: StepPlan & { readonly advice: readonly Advice[] }): readonly string[] {
  if (advice.length === 0) return [];
  const lines = advice.map(
    ({ change, imagesPerSecond, efficiency }) =>
      `  ${change}: ${formatRate(imagesPerSecond)} images/s, ${formatShare(efficiency)}`,
  );
  return ['', `What would help ${cluster.workers} worker${cluster.workers === 1 ? '' : 's'}:`, ...lines];
}
