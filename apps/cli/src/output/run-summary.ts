import {
  FILES_OF_KIND,
  isStopOfEpoch,
  slownessText,
  type RunView,
  type ShownCheckpoint,
  printable,
  printableMessage,
} from '#contracts';
import { plainLine } from './progress-line.js';
import { formatBytes, formatDuration, formatLoss, formatRate, formatShare, formatTime } from './quantities.js';

/** A few lines on how a run that is over ended. */
export function runSummary(run: RunView): string {
  const { progress } = run;
  const lines: Row[] = [['run', run.id], ['state', stateOf(run)], ...stoppedRow(run)];
  if (run.startedAt !== null && run.finishedAt !== null) {
    lines.push(['took', formatDuration((run.finishedAt - run.startedAt) / 1000)]);
  }
  if (progress.valAccuracy !== null) lines.push(['validation accuracy', accuracyOf(progress)]);
  if (progress.imagesPerSecond !== null) lines.push(['images/s', formatRate(progress.imagesPerSecond)]);
  const last = run.checkpoints.at(-1);
  if (last !== undefined) lines.push(['checkpoint', printable(last.directory)]);
  if (run.weightsSha256 !== null) lines.push(['weights SHA-256', run.weightsSha256]);
  return aligned(lines);
}

/** All that is known of a run, for `skiplane show`. */
export function runDetails(run: RunView): string {
  const { spec, progress } = run;
  const head: Row[] = [
    ['run', run.id],
    ['name', spec.name],
    ['state', stateOf(run)],
    ...stoppedRow(run),
    ['progress', run.state === 'running' ? plainLine(run) : `step ${progress.step} of ${progress.totalSteps}`],
    ['loss', `train ${formatLoss(progress.loss)}, validation ${formatLoss(progress.valLoss)}`],
    ['accuracy', `train ${formatShare(progress.trainAccuracy, 2)}, validation ${accuracyOf(progress)}`],
    [
      'model',
      `${spec.model.architecture}, ${spec.model.numClasses} classes, ${spec.precision}${spec.wire === 'fp32' ? '' : `, ${spec.wire} wire`}${spec.bits === 'exact' ? '' : ', fast bits'}`,
    ],
    [
      'data',
      `${printable(spec.dataset.path)}: ${run.dataset.numTrainSamples} + ${run.dataset.numValidationSamples} images`,
    ],
    ['batch', `${spec.lanes} lanes x ${spec.laneBatchSize} = ${spec.lanes * spec.laneBatchSize}`],
    ['recipe', `${spec.epochs} epochs, ${optimizerText(spec.optimizer)}, seed ${spec.seed}`],
    ['workers', run.workers.length === 0 ? 'none' : run.workers.map(printable).join(', ')],
    [
      'lanes',
      run.lanes.map(({ lane, workerId }) => `${lane}: ${printable(workerId ?? 'nobody')}`).join('  ') || 'none',
    ],
    ...run.shardCaches.map((cache): Row => ['cache', cacheText(cache, spec.dataset.kind)]),
    ...run.stragglerReport.flatMap(({ workerId, slowness }): Row[] =>
      slowness ? [['slow', `${printable(workerId)}: ${slownessText(slowness)}`]] : [],
    ),
    [
      'fingerprint',
      printable(run.fingerprint ?? '-') +
        (run.mixedFromStep === null ? '' : `, others from step ${run.mixedFromStep} on`) +
        (run.fastFromStep === null ? '' : `, fast bits from step ${run.fastFromStep} on`),
    ],
    ['created', formatTime(run.createdAt)],
    ['started', run.startedAt === null ? '-' : formatTime(run.startedAt)],
    ['ended', run.finishedAt === null ? '-' : formatTime(run.finishedAt)],
    ['weights SHA-256', run.weightsSha256 ?? '-'],
  ];
  const ledger = run.ledger.map((entry): Row => {
    const faults = entry.missing + entry.repeated;
    const leftOut = entry.leftOut === undefined ? '' : `, ${entry.leftOut} left out`;
    const words = faults === 0 ? 'nothing missing or repeated' : `${entry.missing} missing, ${entry.repeated} repeated`;
    return [`epoch ${entry.epoch + 1}`, `${entry.samples} of ${entry.expected} samples, ${words}${leftOut}`];
  });
  const checkpoints = run.checkpoints.map((checkpoint): Row => [
    `step ${checkpoint.step}`,
    `${formatBytes(checkpoint.sizeBytes)}  ${checkpoint.weightsSha256}  ${printable(checkpoint.directory)}${bestText(checkpoint)}`,
  ]);
  return [aligned(head), section('ledger', ledger), section('checkpoints', checkpoints), warningsText(run)]
    .filter((part) => part !== '')
    .join('\n');
}

/** The newest, oldest first; the journal has all. */
function warningsText({ warnings, numWarnings }: RunView): string {
  const older = numWarnings > warnings.length ? `, the newest ${warnings.length}` : '';
  const rows = warnings.map(({ at, level, topic, message }): Row => [
    formatTime(at),
    `${level} ${topic}: ${printableMessage(message)}`,
  ]);
  return section(`warnings (${numWarnings}${older})`, rows);
}

function accuracyOf({ valAccuracy, valTop5Accuracy }: RunView['progress']): string {
  const top5 = valTop5Accuracy === undefined ? '' : ` (top-5 ${formatShare(valTop5Accuracy, 2)})`;
  return `${formatShare(valAccuracy, 2)}${top5}`;
}

type Row = readonly [label: string, value: string];

function stateOf(run: RunView): string {
  return run.reason === null ? run.state : `${run.state}: ${printableMessage(run.reason)}`;
}

function section(title: string, rows: readonly Row[]): string {
  return rows.length === 0 ? '' : `${title}\n${aligned(rows).replaceAll(/^/gm, '  ')}`;
}

function aligned(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

/** `sgd (momentum 0.9), rate 0.1 (cosine), weight decay 0.0001`: what is an optimiser's own stands behind its name. */
function optimizerText(optimizer: RunView['spec']['optimizer']): string {
  const { kind, learningRate, schedule, weightDecay, decayed: _, clipNorm, ...own } = optimizer;
  const settings = Object.entries(own).flatMap(([name, value]): string[] => {
    if (typeof value === 'boolean') return value ? [name] : [];
    return [`${name} ${String(value)}`];
  });
  const clipping = clipNorm === undefined ? '' : `, gradient norm at most ${clipNorm}`;
  return `${kind} (${settings.join(', ')}), rate ${learningRate} (${schedule.kind}), weight decay ${weightDecay}${clipping}`;
}

/** `node-1: 12 of 147 shards, 3.1 GB of 22.0 GB; 98.20 % of 12,000 reads found their shard there`. */
function cacheText(cache: RunView['shardCaches'][number], kind: RunView['spec']['dataset']['kind']): string {
  const { host, numFiles, numFilesHere, numBytes, numBytesHere, numHits, numMisses } = cache;
  const [one, many] = FILES_OF_KIND[kind];
  const filled = `${numFilesHere} of ${numFiles} ${many}, ${formatBytes(numBytesHere)} of ${formatBytes(numBytes)}`;
  const numReads = numHits + numMisses;
  const hits =
    numReads === 0
      ? ''
      : `; ${formatShare(numHits / numReads, 2)} of ${numReads.toLocaleString('en-US')} reads found their ${one} there`;
  return `${printable(host)}: ${filled}${hits}`;
}

/** Where a run ended before its last epoch. */
function stoppedRow({ stopped }: RunView): Row[] {
  if (stopped === null) return [];
  const where = isStopOfEpoch(stopped.cause) ? `after epoch ${stopped.epoch}` : `at step ${stopped.step}`;
  return [['stopped early', `${where}: ${printable(stopped.reason)}`]];
}

function bestText({ figure }: ShownCheckpoint): string {
  if (figure === undefined) return '';
  const value = figure.figure === 'loss' ? formatLoss(figure.value) : formatShare(figure.value, 2);
  return `  best ${figure.figure} ${value}`;
}
