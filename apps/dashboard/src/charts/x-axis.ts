import { formatCompact, formatElapsed } from '../format/format.js';

/** What the charts of a run are drawn over. */
export const X_AXES = ['step', 'epoch', 'time'] as const;
export type XAxis = (typeof X_AXES)[number];

/** A part of an axis, in its units. */
export interface XRange {
  readonly min: number;
  readonly max: number;
}

/** The numbers of a run that place a point on an axis. */
export interface XAxisContext {
  readonly axis: XAxis;
  readonly stepsPerEpoch: number;
  /** Milliseconds since 1970; the zero of the time axis. */
  readonly startedAt: number;
}

/** Reads the axis from the address; anything unknown is the step axis. */
export function parseXAxis(text: string | null): XAxis {
  return X_AXES.find((axis) => axis === text) ?? 'step';
}

/** Steps since the start, epochs done, or seconds since the start. */
export function xOf(point: { readonly step: number; readonly at: number }, context: XAxisContext): number {
  switch (context.axis) {
    case 'step':
      return point.step;
    case 'epoch':
      return point.step / context.stepsPerEpoch;
    case 'time':
      return (point.at - context.startedAt) / 1000;
  }
}

export function formatTick(axis: XAxis, value: number): string {
  return axis === 'time' ? formatElapsed(value) : formatCompact(value);
}

/** `step 310`, `epoch 2.41`, `4:05 elapsed`: the cursor's place in words. */
export function describeX(axis: XAxis, value: number): string {
  switch (axis) {
    case 'step':
      return `step ${value.toLocaleString('en-US')}`;
    case 'epoch':
      return `epoch ${value.toFixed(2)}`;
    case 'time':
      return `${formatElapsed(value)} elapsed`;
  }
}

/** Distances between ticks that read well; time steps by 1, 2, 5, 10, 15, 30 of seconds, minutes and hours. */
export function tickDistances(axis: XAxis): number[] {
  if (axis === 'time') {
    const hours = [1, 2, 3, 6, 12, 24, 48, 120, 240].map((hour) => hour * 3600);
    return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, ...hours];
  }
  const smallest = axis === 'epoch' ? -2 : 0;
  const powers = Array.from({ length: 10 }, (_, index) => 10 ** (index + smallest));
  return powers.flatMap((power) => [power, 2 * power, 5 * power]);
}
