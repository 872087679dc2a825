import type { Phase, Slowness } from './straggler-report.schema.js';

const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  data: 'waiting for data',
  compute: 'computing',
  exchange: 'the exchange',
};

/** Why a worker is slow, in words: `computing takes 3.1 x the others' (620 ms, theirs 200 ms, since step 8)`. */
export function slownessText({ phase, ms, othersMs, sinceStep }: Slowness): string {
  const ratio = ms / othersMs;
  const times = ratio < 100 ? `${ratio.toFixed(1)} x the others'` : "more than 100 x the others'";
  const figures = `${Math.round(ms)} ms, theirs ${Math.round(othersMs)} ms, since step ${sinceStep}`;
  return `${PHASE_WORDS[phase]} takes ${times} (${figures})`;
}
