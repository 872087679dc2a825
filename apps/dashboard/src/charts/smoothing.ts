/**
 * Exponential moving average, corrected for its start at zero (as Adam's moments are), so that the first values are
 * neither dragged to zero nor to the first sample. Values that are not finite are passed over.
 */
export function smooth(values: readonly number[], weight: number): number[] {
  let average = 0;
  let remaining = 1;
  return values.map((value) => {
    if (!Number.isFinite(value)) return remaining === 1 ? value : average / (1 - remaining);
    average = weight * average + (1 - weight) * value;
    remaining *= weight;
    return average / (1 - remaining);
  });
}
