import { randomUUID } from 'node:crypto';
import {
  printable,
  printableMessage,
  type CheckpointName,
  type EvaluationRequestInput,
  type EvaluationView,
} from '#contracts';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import type { CommandIo } from '../../action/command-io.js';
import { checkpointName } from '../../flags/checkpoint-name.js';
import { findRun } from '../../api-client/find-run.js';
import { showSubmission } from '../../output/show-submission.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { resultText } from './result-text.js';
import { watchEvaluation } from './watch-evaluation.js';

export interface EvaluateRunOptions {
  readonly reference: string;
  /** `RUN` or `RUN@STEP`, a step, newest or best; these and the run make an ensemble. */
  readonly ensemble: readonly string[];
  /** The averages of all of them, or none; default: of those that keep one. */
  readonly ema?: boolean;
  readonly request: Omit<EvaluationRequestInput, 'ensemble' | 'ema'>;
  readonly showsClasses: boolean;
  readonly json: boolean;
  /** Default: a new one. */
  readonly idempotencyKey?: string;
  /** For tests. */
  readonly pollMs?: number;
}

/** Has the workers evaluate a run's weights and shows how it goes on. Ctrl-C leaves it going. */
export async function evaluateRun(
  client: SkiplaneClient,
  io: CommandIo,
  { reference, ensemble, ema, request, showsClasses, json, pollMs, idempotencyKey }: EvaluateRunOptions,
): Promise<ExitCode> {
  const run = await findRun(client, reference);
  const average = ema === undefined ? {} : { ema };
  const models: { run: string; step?: CheckpointName; ema?: boolean }[] = [];
  for (const text of ensemble) {
    const [, name = text, step] = /^(.+?)(?:@(\d+|newest|best))?$/.exec(text) ?? [];
    const { id } = await findRun(client, name);
    models.push({ run: id, ...(step === undefined ? {} : { step: checkpointName(step) }), ...average });
  }
  const key = idempotencyKey ?? randomUUID();
  const asked = { ...request, ...average, ensemble: models };
  const submitted = await showSubmission(io, key, (waiting) => client.evaluate(run.id, asked, key, waiting));
  if (submitted === null) return EXIT.interrupted;
  using interrupts = io.interrupts();
  let view: EvaluationView;
  try {
    const timing = pollMs === undefined ? {} : { pollMs };
    view = await watchEvaluation(client, submitted, io, { signal: interrupts.signal, ...timing });
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
    io.err(`detached: the evaluation goes on, see GET /v1/runs/${run.id}/evaluations/${submitted.id}`);
    return EXIT.interrupted;
  }
  if (json) io.out(JSON.stringify(view));
  else if (view.result) io.out([...networkLines(view), resultText(view.result, showsClasses)].join('\n'));
  else io.err(`${view.state}${view.reason === null ? '' : `: ${printableMessage(view.reason)}`}`);
  if (view.state === 'finished') return EXIT.ok;
  return view.state === 'cancelled' ? EXIT.cancelled : EXIT.runFailed;
}

function networkLines({ networks }: EvaluationView): string[] {
  return networks.map(({ architecture, source }) => `${architecture}  ${printable(source)}`);
}
