import type { Measurement, PairedRatio } from './measurement.js';

/** A measurement for people. */
export function overheadText(measurement: Measurement): string {
  const { title, bare, worker, check, wallRatio, cpuRatio, parts, serversCpuMs, redisCpuMs } = measurement;
  const { stepsEach, numPairs } = measurement;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`;
  const overhead = ({ median, low, high }: PairedRatio): string =>
    `${percent(median)} (95 %: ${percent(low)} to ${percent(high)})`;
  const share = Object.entries(parts).map(([part, value]) => `${part} ${ms(value)}`);
  return [
    `${title} (${numPairs} pairs of ${stepsEach} steps each)`,
    `  bare loop      ${ms(bare.wallMs)} a step, ${ms(bare.cpuMs)} of processor time`,
    `  worker's path  ${ms(worker.wallMs)} a step, ${ms(worker.cpuMs)} of processor time`,
    `  overhead       ${overhead(wallRatio)} of wall-clock time, ${overhead(cpuRatio)} of processor time`,
    `  of a step      ${share.join(', ')}; checks for finite values ${ms(check.wallMs)} of compute`,
    `  beside it      parameter servers ${ms(serversCpuMs)}, Redis ${ms(redisCpuMs)} of processor time`,
  ].join('\n');
}
