import { InvalidArgumentError } from 'commander';

const UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

/** `10G`, `2.5G`, `100M`: bits per second, for commander's argParser. */
export function bandwidth(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([kMG])$/.exec(text) ?? [];
  const bitsPerSecond = Number(digits) * (UNITS[unit] ?? 0);
  if (bitsPerSecond > 0) return bitsPerSecond;
  throw new InvalidArgumentError('Expected bits per second, such as 10G or 100M.');
}

/** `10 Gb/s`, `100 Mb/s`. */
export function formatBandwidth(bitsPerSecond: number): string {
  const isGiga = bitsPerSecond >= 1e9;
  return `${Number((bitsPerSecond / (isGiga ? 1e9 : 1e6)).toPrecision(4))} ${isGiga ? 'G' : 'M'}b/s`;
}
