import type { RunState, RunView, StudyState, SurveyState } from '#contracts';

export interface ProgressBarProps {
  /** In [0, 1]. */
  readonly share: number;
  readonly state: RunState | StudyState | SurveyState;
  readonly label: string;
  /** Of what the share is, for who does not see the bar. */
  readonly text: string;
  /** Marks the ends of so many epochs where they are few enough to tell apart. */
  readonly numEpochs?: number;
}

const MAX_MARKS = 40;

/** How much of a run, a study or a survey is done. */
export function ProgressBar({ share, state, label, text, numEpochs = 1 }: ProgressBarProps) {
  const marks = numEpochs > 1 && numEpochs <= MAX_MARKS ? numEpochs - 1 : 0;
  return (
    <div
      className="progress"
      data-state={state}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
      aria-valuetext={`${Math.floor(share * 100)} percent, ${text}`}
    >
      <div className="progress-fill" style={{ transform: `scaleX(${share})` }} />
      {Array.from({ length: marks }, (_, index) => (
        <i key={index} style={{ left: `${((index + 1) / numEpochs) * 100}%` }} />
      ))}
    </div>
  );
}

/** `step 3 of 10` */
export function stepText({ step, totalSteps }: RunView['progress']): string {
  return `step ${step} of ${totalSteps}`;
}

export function shareDone(progress: RunView['progress']): number {
  return progress.totalSteps > 0 ? Math.min(1, progress.step / progress.totalSteps) : 0;
}

/** The epoch under way, counted from 1; the last one once all are done. */
export function currentEpoch(progress: RunView['progress']): number {
  return Math.min(progress.epochs, Math.floor(shareDone(progress) * progress.epochs + 1e-9) + 1);
}
