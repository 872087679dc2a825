import type { RunState, RunView } from '#contracts';

export interface ProgressBarProps {
  readonly progress: RunView['progress'];
  readonly state: RunState;
  readonly label: string;
  /** Marks the ends of epochs where there are few enough to tell apart. */
  readonly hasEpochMarks?: boolean;
}

const MAX_MARKS = 40;

/** Share of the run's steps that are done. */
export function ProgressBar({ progress, state, label, hasEpochMarks = false }: ProgressBarProps) {
  const share = shareDone(progress);
  const marks = hasEpochMarks && progress.epochs > 1 && progress.epochs <= MAX_MARKS ? progress.epochs - 1 : 0;
  return (
    <div
      className="progress"
      data-state={state}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={progress.totalSteps}
      aria-valuenow={progress.step}
      aria-valuetext={`${Math.floor(share * 100)} percent, step ${progress.step} of ${progress.totalSteps}`}
    >
      <div className="progress-fill" style={{ transform: `scaleX(${share})` }} />
      {Array.from({ length: marks }, (_, index) => (
        <i key={index} style={{ left: `${((index + 1) / progress.epochs) * 100}%` }} />
      ))}
    </div>
  );
}

export function shareDone(progress: RunView['progress']): number {
  return progress.totalSteps > 0 ? Math.min(1, progress.step / progress.totalSteps) : 0;
}

/** The epoch under way, counted from 1; the last one once all are done. */
export function currentEpoch(progress: RunView['progress']): number {
  return Math.min(progress.epochs, Math.floor(shareDone(progress) * progress.epochs + 1e-9) + 1);
}
