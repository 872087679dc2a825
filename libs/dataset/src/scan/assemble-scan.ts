import { createHash } from 'node:crypto';
import { isRemote, type DatasetKind, type DatasetSplit, type Orientation } from '#contracts';
import type { DatasetScan, Fault, ScanContext, Split } from '../dataset.js';
import { IndexedReader } from '../indexed-reader.js';
import { classesOf } from '../labels/class-list.js';
import { distinctNames } from '../labels/class-names.js';
import { some } from '../labels/some.js';
import { SplitBuilder } from './split-builder.js';
import { splitSamples } from './split-samples.js';
import type { ScannedUnit } from './unit-scan.js';

export interface AssembleOptions {
  readonly kind: DatasetKind;
  readonly orientation: Orientation;
  readonly units: readonly ScannedUnit[];
  /** All classes by their number, where the data set says them. Default: the labels that occur. */
  readonly classes?: readonly string[] | undefined;
  /** What people call the classes, by class. A class that is not in it is called by its own name. */
  readonly names?: ReadonlyMap<string, string> | undefined;
  /** For units without a split. Without it they are for training. */
  readonly divide: DatasetSplit | null;
  readonly dependsOn: DatasetScan['dependsOn'];
  /** Of the data set as a whole. */
  readonly faults: readonly Fault[];
}

/** Makes classes, splits, digest and indexes of what was found in the units of a data set, in their order. */
export function assembleScan(options: AssembleOptions, context: ScanContext): DatasetScan {
  const { kind, orientation, units, divide, names, dependsOn } = options;
  const classes = options.classes ?? classesOf(units.flatMap(({ scan }) => scan.labels));
  const labels = new Map(classes.map((name, label) => [name, label]));
  const hash = createHash('sha256').update(`${JSON.stringify(classes)}\n`);
  const splits = splitSamples(units, divide);
  const hasVersions = isRemote(context.source.location);
  const build = (split: Split): SplitBuilder => {
    const builder = new SplitBuilder({ labels, orientation, hasVersions, hash, onImages: context.onImages });
    for (const [at, { scan }] of units.entries()) {
      builder.addUnit(scan, (sample) => (splits[at]?.[sample] ?? units[at]?.split ?? 'train') === split);
    }
    return builder;
  };
  // One after the other: the digest takes samples in order.
  const train = build('train');
  const validation = build('val');
  for (const { scan } of units) for (const other of scan.others ?? []) context.onOther?.(other);
  const readerOf = (builder: SplitBuilder): IndexedReader =>
    new IndexedReader({ source: context.source, kind, classes, index: builder.index(), encoding: { kind: 'file' } });
  return {
    classes,
    classNames: distinctNames(classes, names),
    train: readerOf(train),
    validation: readerOf(validation),
    digest: hash.digest('hex'),
    dependsOn,
    faults: [
      ...options.faults,
      ...units.flatMap(({ scan }) => scan.faults),
      ...classFaults(classes, train, validation),
    ],
    broken: units.flatMap(({ scan }) => scan.broken),
  };
}

function classFaults(classes: readonly string[], train: SplitBuilder, validation: SplitBuilder): readonly Fault[] {
  const fault = (message: string): Fault => ({ path: '', message });
  const unknown = new Set([...train.unknownLabels, ...validation.unknownLabels]);
  if (unknown.size > 0) return [fault(`labels that are none of the ${classes.length} classes: ${some([...unknown])}`)];
  if (train.numSamples === 0) return [fault('there is no readable image for training')];
  const faults: Fault[] = [];
  if (classes.length < 2) faults.push(fault(`expected at least 2 classes; there is only ${classes[0] ?? 'none'}`));
  const untrained = classes.filter((_, label) => train.countOf(label) === 0);
  if (untrained.length > 0) faults.push(fault(`classes without a training image: ${some(untrained)}`));
  if (validation.numSamples === 0) {
    const advice = 'name some, or take a share of the training images with dataset.split = { "validation": 0.1 }';
    faults.push(fault(`there is no readable image for validation: ${advice}`));
  }
  return faults;
}
