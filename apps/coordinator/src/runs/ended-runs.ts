import { runSummary, type RunState } from '#contracts';
import type { EndedRun } from '../storage/ended-run.js';
import { isTraining, type LiveRun } from './live-run.js';
import { asEvaluation } from './run-kinds.js';
import { runView } from './run-view.js';

/** An entry for every run that is over. */
export class EndedRuns {
  readonly #entries = new Map<string, EndedRun>();
  readonly #numByState = new Map<RunState, number>();

  get(id: string): EndedRun | undefined {
    return this.#entries.get(id);
  }

  all(): Iterable<EndedRun> {
    return this.#entries.values();
  }

  /** Runs that trained, by state; kept up to date, so that to ask costs nothing. */
  get numByState(): ReadonlyMap<RunState, number> {
    return this.#numByState;
  }

  set(entry: EndedRun): void {
    this.#count(this.#entries.get(entry.id), -1);
    this.#entries.set(entry.id, entry);
    this.#count(entry, 1);
  }

  delete(id: string): void {
    this.#count(this.#entries.get(id), -1);
    this.#entries.delete(id);
  }

  #count(entry: EndedRun | undefined, change: number): void {
    if (entry?.kind === 'training')
      this.#numByState.set(entry.state, (this.#numByState.get(entry.state) ?? 0) + change);
  }
}

/** Of a run that is in memory, or of the entry of one that is over. */
export function stateOf(run: LiveRun | EndedRun): RunState {
  return 'record' in run ? run.record.state : run.state;
}

/** What memory keeps of a run once it is over. */
export function endedRun(run: LiveRun, now: number): EndedRun {
  const { id, state, createdAt, incarnation, idempotency } = run.record;
  const common = { id, state, createdAt, incarnation, idempotency };
  if (!isTraining(run)) return { kind: 'evaluation', ...common, runId: asEvaluation(run).record.evaluation.runId };
  const { notes, spec, study } = run.record;
  return { kind: 'training', ...common, summary: runSummary(runView(run, [], now)), notes, spec, study };
}
