import { TERMINAL_STATES, type EvaluationView, printableMessage } from '#contracts';
import { UnreachableError } from '../../api-client/api-errors.js';
import type { CommandIo } from '../../action/command-io.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';

const POLL_MS = 1_000;
/** A coordinator that is away so long is not on its way back. */
const GIVE_UP_MS = 600_000;

export interface WatchEvaluationOptions {
  readonly signal: AbortSignal;
  /** Least time between two lines. Default 5,000. */
  readonly intervalMs?: number;
  /** Default 1,000. */
  readonly pollMs?: number;
}

/** Follows an evaluation to its end, with a line when something is new. Survives restarts of the coordinator. */
export async function watchEvaluation(
  client: SkiplaneClient,
  submitted: EvaluationView,
  io: CommandIo,
  { signal, intervalMs = 5_000, pollMs = POLL_MS }: WatchEvaluationOptions,
): Promise<EvaluationView> {
  let view = submitted;
  let shown = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  let answeredAt = performance.now();
  while (!TERMINAL_STATES.includes(view.state)) {
    const line = stateLine(view);
    if (line !== shown && performance.now() - shownAt >= intervalMs) {
      io.err(line);
      shown = line;
      shownAt = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    signal.throwIfAborted();
    try {
      view = await client.evaluation(view, signal);
      answeredAt = performance.now();
    } catch (error) {
      if (!(error instanceof UnreachableError) || performance.now() - answeredAt > GIVE_UP_MS) throw error;
    }
  }
  return view;
}

function stateLine({ state, reason, progress, workers }: EvaluationView): string {
  if (state !== 'running') return `${state}${reason === null ? '' : `: ${printableMessage(reason)}`}`;
  const { samples, totalSamples } = progress;
  const share = Math.floor((100 * samples) / Math.max(1, totalSamples));
  return `${share} %  ${samples} of ${totalSamples} images, ${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}`;
}
