export const RUN_STATES = ['pending', 'running', 'pausing', 'paused', 'cancelled', 'failed', 'finished'] as const;
export type RunState = (typeof RUN_STATES)[number];
/** States a run never leaves. */
export const TERMINAL_STATES: readonly RunState[] = ['cancelled', 'failed', 'finished'];
