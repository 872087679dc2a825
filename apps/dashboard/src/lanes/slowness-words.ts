import type { Slowness } from '#contracts';

const PHASE_WORDS: Readonly<Record<Slowness['phase'], string>> = {
  data: 'data',
  compute: 'computing',
  exchange: 'exchange',
};

/** `slow: computing 3.1×`: what fits into a row of the grid. */
export function slownessWords({ phase, ms, othersMs }: Slowness): string {
  const ratio = ms / othersMs;
  return `slow: ${PHASE_WORDS[phase]} ${ratio < 100 ? `${ratio.toFixed(1)}×` : '> 100×'}`;
}

/** The same in full, for the pointer and for readers of the screen. */
export function slownessTitle({ ms, othersMs, sinceStep }: Slowness): string {
  return `${Math.round(ms)} ms, the others ${Math.round(othersMs)} ms, since step ${sinceStep}`;
}
