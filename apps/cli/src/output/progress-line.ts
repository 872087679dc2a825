import { printableMessage, type RunView } from '#contracts';
import { formatDuration, formatLoss, formatRate, formatShare } from './quantities.js';

/** A shorter bar says little: figures are left out first. */
const MIN_BAR = 10;
const MAX_BAR = 40;

/** What a narrow terminal can do without, the least missed first. */
const DROP_ORDER = ['step', 'train', 'rate', 'val', 'epoch'] as const;
type PartName = (typeof DROP_ORDER)[number] | 'percent' | 'loss' | 'eta';

/** Share of the run's steps that are committed, in [0, 1]. */
export function shareDone(run: Pick<RunView, 'progress'>): number {
  const { step, totalSteps } = run.progress;
  return totalSteps === 0 ? 0 : Math.min(1, step / totalSteps);
}

/** The drawn line: a bar as wide as there is room for, then the figures; parts are left out on narrow terminals. */
export function barLine(run: RunView, numColumns: number): string {
  if (run.state !== 'running') {
    const words = stateWords(run);
    return words.length > numColumns ? `${words.slice(0, Math.max(0, numColumns - 1))}…` : words;
  }
  const parts = new Map<PartName, string>(figures(run));
  const textWidth = (): number => [...parts.values()].reduce((sum, part) => sum + part.length + 2, 0);
  for (const name of DROP_ORDER) {
    if (MIN_BAR + textWidth() <= numColumns) break;
    parts.delete(name);
  }
  const width = Math.max(0, Math.min(MAX_BAR, numColumns - textWidth()));
  const numFull = Math.round(shareDone(run) * width);
  return [`${'█'.repeat(numFull)}${'░'.repeat(width - numFull)}`, ...parts.values()].join('  ');
}

/** The same figures as one plain line, for logs. */
export function plainLine(run: RunView): string {
  if (run.state !== 'running') return stateWords(run);
  return figures(run)
    .map(([, part]) => part.trim())
    .join('  ');
}

function figures(run: RunView): [PartName, string][] {
  const { progress } = run;
  const stepWidth = String(progress.totalSteps).length;
  const epoch = Math.min(progress.epochs, progress.epoch + 1);
  const eta = progress.etaSeconds === null ? '-' : formatDuration(progress.etaSeconds);
  return [
    ['percent', `${Math.floor(shareDone(run) * 100)} %`.padStart(5)],
    ['epoch', `epoch ${epoch}/${progress.epochs}`],
    ['step', `step ${String(progress.step).padStart(stepWidth)}/${progress.totalSteps}`],
    ['loss', `loss ${formatLoss(progress.loss)}`],
    ['train', `train ${formatShare(progress.trainAccuracy).padStart(6)}`],
    ['val', `val ${formatShare(progress.valAccuracy).padStart(6)}`],
    ['rate', `${formatRate(progress.imagesPerSecond).padStart(4)} images/s`],
    ['eta', `ETA ${eta}`],
  ];
}

function stateWords(run: RunView): string {
  const at = run.progress.step > 0 ? ` at step ${run.progress.step}/${run.progress.totalSteps}` : '';
  return `${run.state}${at}${run.reason === null ? '' : `: ${printableMessage(run.reason)}`}`;
}
