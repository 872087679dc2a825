import { parseDatasetReference, type DatasetSpec } from '#contracts';
import type { DatasetPlace } from '#telemetry';

/** Where this host has a run's data set: by its name, else by the longest path above it. Undefined: where the run says. */
export function datasetPlace(
  { name, path }: Pick<DatasetSpec, 'name' | 'path'>,
  places: readonly DatasetPlace[],
): string | undefined {
  const called = name === undefined ? undefined : parseDatasetReference(name).name;
  const named = places.find(({ from }) => from === called);
  if (named !== undefined) return named.to;
  const whole = path.replace(/\/+$/, '');
  const [nearest] = places
    .filter(({ from }) => whole === from || whole.startsWith(`${from}/`))
    .toSorted((a, b) => b.from.length - a.from.length);
  return nearest && nearest.to + whole.slice(nearest.from.length);
}
