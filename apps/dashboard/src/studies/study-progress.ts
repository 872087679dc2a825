import type { StudyTrialView, StudyView } from '#contracts';

const OVER: readonly StudyTrialView['state'][] = ['finished', 'failed', 'cancelled', 'refused', 'lost'];

/** Share of a trial's steps that are done. */
export function trialShare({ step, totalSteps, state }: StudyTrialView): number {
  if (state === 'finished') return 1;
  return totalSteps === 0 ? 0 : Math.min(1, step / totalSteps);
}

/** Share of a study that is done: every run counts the same; one that is over counts in full, whatever its end. */
export function studyShare({ trials }: Pick<StudyView, 'trials'>): number {
  if (trials.length === 0) return 0;
  const done = trials.map((trial) => (OVER.includes(trial.state) ? 1 : trialShare(trial)));
  return done.reduce((sum, share) => sum + share, 0) / trials.length;
}

/** How many runs are over, whatever their end. */
export function numOver({ trials }: Pick<StudyView, 'trials'>): number {
  return trials.filter(({ state }) => OVER.includes(state)).length;
}

/** Changes whenever table and figures do: when a run begins, ends or gets further. */
export function progressMark({ trials }: Pick<StudyView, 'trials'>): string {
  const numSteps = trials.reduce((sum, { step }) => sum + step, 0);
  const states = trials.map(({ state, validationError }) => `${state[0] ?? ''}${validationError ?? ''}`);
  return `${numSteps}.${hash(states.join())}`;
}

/** FNV-1a: short enough for an address. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x0100_0193) >>> 0;
  return value.toString(36);
}
