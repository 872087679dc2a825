import { printable } from '#contracts';
import type { Dataset, PackResult, Shrink } from '#dataset';
import { formatBytes } from '../../output/quantities.js';

/** What was packed. */
export interface PackReport extends PackResult {
  readonly path: string;
  readonly source: string;
  readonly shrink: Shrink | null;
  /** Unreadable files that were left out. */
  readonly skipped: Dataset['skipped'];
  /** What reading the shards again found wrong; null where nobody asked. */
  readonly faults: readonly { readonly path: string; readonly message: string }[] | null;
}

/** So many faults are named; the JSON has them all. */
const NAMED_FAULTS = 20;

const grouped = (value: number): string => value.toLocaleString('en-US');

/** A pack for a person. */
export function packText(report: PackReport): string {
  const { shrink, numEncoded, numTurned, numKept, skipped, faults } = report;
  const how = shrink === null ? 'PNG' : `JPEG of quality ${shrink.quality}, shorter side ${shrink.shorterSide}`;
  const turned = numTurned === 0 ? '' : `; ${grouped(numTurned)} turned upright`;
  const lines = [
    `${printable(report.path)}: ${printable(report.source)} in ${grouped(report.numShards)} shards`,
    `train       ${grouped(report.numTrainSamples)} images`,
    `validation  ${grouped(report.numValidationSamples)} images`,
    `size        ${formatBytes(report.sizeBytes)}`,
    ...(numKept === 0 ? [] : [`kept        ${grouped(numKept)} shards that were there`]),
    ...(numEncoded === 0 ? [] : [`encoded     ${grouped(numEncoded)} images (${how})${turned}`]),
    ...(skipped.length === 0 ? [] : [`left out    ${grouped(skipped.length)} unreadable files`]),
  ];
  if (faults === null) return lines.join('\n');
  if (faults.length === 0) return [...lines, 'verified    every shard'].join('\n');
  const named = faults.slice(0, NAMED_FAULTS).map(({ path, message }) => `  ${printable(path)}: ${printable(message)}`);
  const rest = faults.length > named.length ? [`  and ${grouped(faults.length - named.length)} more`] : [];
  return [...lines, '', 'damaged; remove these shards and pack again:', ...named, ...rest].join('\n');
}
