/** Maps a value to a place. */
export type Scale = (value: number) => number;

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const span = domain[1] - domain[0] || 1;
  return (value) => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]);
}

/** Round numbers (1, 2, 5 times a power of ten) from 0 up to at least `max`, about `count` of them. */
export function niceTicks(max: number, count: number): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const distance = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const numTicks = Math.ceil(max / distance - 1e-9) + 1;
  // Without this, 3 * 0.1 would be written as 0.30000000000000004.
  return Array.from({ length: numTicks }, (_, index) => Number((index * distance).toPrecision(12)));
}
