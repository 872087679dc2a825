/** What can end a run before its last epoch. */
export const STOP_CAUSES = ['target', 'no-improvement', 'time', 'not-finite'] as const;

/** Whether the run ended at the evaluation of an epoch. If not, steps behind its last checkpoint may have been committed. */
export const isStopOfEpoch = (cause: (typeof STOP_CAUSES)[number]): boolean =>
  cause === 'target' || cause === 'no-improvement';
