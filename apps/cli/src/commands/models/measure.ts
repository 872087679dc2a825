import { fileURLToPath } from 'node:url';
import type { NetworkOptions } from '#resnet';
import { runForJson } from '../../local-stack/run-for-json.js';
import { formatBytes } from '../../output/quantities.js';
import { printNote } from '../../output/print-line.js';
import { consoleProgress } from '../../output/console-progress.js';
import { KEEP_MEMORY } from '../../local-stack/worker-plan.js';
import { measurementSchema, type Measurement } from './measurement.js';

/** Measures a network in a process of its own, which alone loads TensorFlow. Provisions it where it is missing. */
export async function measureModel(model: NetworkOptions, signal: AbortSignal): Promise<Measurement> {
  const { provisionStack, readStackConfig } = await import('../../local-stack/index.js');
  const config = { ...readStackConfig(process.env), engine: 'graph' as const };
  await provisionStack(config, consoleProgress(printNote), signal, { needsRedis: false });
  const entry = fileURLToPath(new URL('./measure-network.js', import.meta.url));
  const args = [entry, JSON.stringify(model)];
  return runForJson({ command: process.execPath, args, env: KEEP_MEMORY, signal }, measurementSchema);
}

/** Plain text; one line a number. */
export function measurementText(measured: Measurement): string {
  const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  const rows = [
    ['nodes', String(measured.numNodes)],
    ['build', ms(measured.buildMs)],
    ['encode', `${ms(measured.encodeMs)}, ${formatBytes(measured.graphBytes)}`],
    ['load', ms(measured.loadMs)],
    ['first step', ms(measured.firstStepMs)],
    ['step', ms(measured.stepMs)],
    ['peak memory', formatBytes(measured.peakRssBytes)],
  ];
  return [measured.name, ...rows.map(([label = '', value = '']) => `  ${label.padEnd(12)} ${value}`)].join('\n');
}
