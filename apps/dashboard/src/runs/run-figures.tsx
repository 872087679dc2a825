import type { RunView } from '#contracts';
import { formatCount, formatDuration, formatLoss, formatPercent, formatRate, UNKNOWN } from '../format/format.js';
import { currentEpoch, ProgressBar, shareDone, stepText } from '../components/progress-bar.js';
import { useNow } from '../components/use-now.js';

/** The progress bar and the figures of the moment. */
export function RunFigures({ run }: { readonly run: RunView }) {
  const now = useNow();
  const { progress } = run;
  const isOver = run.finishedAt !== null;
  const elapsed = run.startedAt === null ? null : ((run.finishedAt ?? now) - run.startedAt) / 1000;
  const figures: readonly (readonly [string, string])[] = [
    ['validation accuracy', formatPercent(progress.valAccuracy)],
    ...(progress.valTop5Accuracy === undefined
      ? []
      : [['validation top-5', formatPercent(progress.valTop5Accuracy)] as const]),
    ['validation loss', formatLoss(progress.valLoss)],
    ['training accuracy', formatPercent(progress.trainAccuracy)],
    ['training loss', formatLoss(progress.loss)],
    ['images/s', formatRate(progress.imagesPerSecond)],
    ['elapsed', formatDuration(elapsed)],
    [isOver ? 'ended' : 'to go', isOver ? clockTime(run.finishedAt) : formatDuration(progress.etaSeconds)],
  ];
  return (
    <section className="panel figures" aria-label="Progress">
      <div className="figures-progress">
        <span className="figures-share">{Math.floor(shareDone(progress) * 100)} %</span>
        <ProgressBar
          share={shareDone(progress)}
          state={run.state}
          label="Progress of the run"
          text={stepText(progress)}
          numEpochs={progress.epochs}
        />
        <span className="figures-step">
          epoch <b>{currentEpoch(progress)}</b> of {progress.epochs}, step <b>{formatCount(progress.step)}</b> of{' '}
          {formatCount(progress.totalSteps)}
        </span>
      </div>
      <dl>
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd data-unknown={value === UNKNOWN}>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="visually-hidden" aria-live="polite">
        {`${run.state}, ${Math.floor(shareDone(progress) * 10) * 10} percent done`}
      </p>
    </section>
  );
}

function clockTime(at: number | null): string {
  return at === null ? UNKNOWN : new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
