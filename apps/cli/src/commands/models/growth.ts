import { formatBytes } from '../../output/quantities.js';
import { table } from '../../output/table.js';
import type { Measurement } from './measurement.js';

/** A measured quantity that should grow with depth as fast as depth does. */
const QUANTITIES = {
  build: 'buildMs',
  encode: 'encodeMs',
  'graph size': 'graphBytes',
  load: 'loadMs',
  'first step': 'firstStepMs',
  step: 'stepMs',
  'peak memory': 'peakRssBytes',
} as const satisfies Record<string, keyof Measurement>;

/**
 * Networks side by side, the shallowest first, and what each further layer costs between neighbours: where the cost of a
 * layer stays the same, growth is linear, whatever the process costs without any.
 */
export function growthText(measurements: readonly Measurement[]): string {
  const byDepth = measurements.toSorted((left, right) => left.numLayers - right.numLayers);
  const steps = byDepth.slice(1).map((deep, index) => [byDepth[index] ?? deep, deep] as const);
  const written = (field: keyof Measurement, value: number): string =>
    field === 'graphBytes' || field === 'peakRssBytes'
      ? formatBytes(value)
      : `${value.toFixed(Math.abs(value) < 10 ? 2 : 0)} ms`;
  return table(
    [
      { title: '' },
      ...byDepth.map(({ name }) => ({ title: name.toUpperCase(), right: true })),
      ...steps.map(([from, to]) => ({ title: `A LAYER, ${from.numLayers}-${to.numLayers}`, right: true })),
    ],
    Object.entries(QUANTITIES).map(([label, field]) => [
      label,
      ...byDepth.map((measured) => written(field, measured[field])),
      ...steps.map(([from, to]) =>
        from.numLayers === to.numLayers
          ? ''
          : written(field, (to[field] - from[field]) / (to.numLayers - from.numLayers)),
      ),
    ]),
  );
}
