/** Every kind of fault, in one place that can be read before any production code is loaded. */
export const FAULT_NAMES = [
  'kill-worker',
  'lose-worker',
  'hang-worker',
  'stop-worker',
  'add-worker',
  'kill-server',
  'lose-server',
  'hang-server',
  'partition',
  'loss',
  'delay',
  'reset',
  'queue-away',
  'queue-emptied',
  'power-cut',
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];
