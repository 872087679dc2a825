import type { EndedRun } from '../storage/ended-run.js';
import type { RunRecord } from '../storage/run-record.schema.js';
import { bodySha256, IdempotencyConflictError, type Submitted } from './submitted.js';

/** What a run is found by besides its id; none of it ever changes. */
export class RunLookups {
  readonly #byKey = new Map<string, Pick<RunRecord | EndedRun, 'id' | 'kind' | 'idempotency'>>();
  readonly #byStudy = new Map<string, Map<number, string>>();
  readonly #evaluations = new Map<string, Set<string>>();

  add(run: RunRecord | EndedRun): void {
    const { id, kind, idempotency } = run;
    if (idempotency !== null) this.#byKey.set(idempotency.key, { id, kind, idempotency });
    if (run.kind === 'training') {
      if (run.study === null) return;
      const trials = this.#byStudy.get(run.study.id) ?? new Map<number, string>();
      this.#byStudy.set(run.study.id, trials.set(run.study.trial, id));
      return;
    }
    const runId = runIdOf(run);
    const evaluations = this.#evaluations.get(runId) ?? new Set();
    this.#evaluations.set(runId, evaluations.add(id));
  }

  remove(run: RunRecord | EndedRun): void {
    if (run.idempotency !== null) this.#byKey.delete(run.idempotency.key);
    if (run.kind === 'training') {
      if (run.study !== null) this.#byStudy.get(run.study.id)?.delete(run.study.trial);
    } else this.#evaluations.get(runIdOf(run))?.delete(run.id);
  }

  /** The id of what was submitted under a key. Throws IdempotencyConflictError when it was something else. */
  byKey(key: string, submitted: Submitted): string | undefined {
    const held = this.#byKey.get(key);
    if (held === undefined || held.idempotency?.bodySha256 === bodySha256(submitted)) return held?.id;
    const what = held.kind === 'training' ? 'run' : 'evaluation';
    throw new IdempotencyConflictError(
      `Idempotency-Key ${key} was used for ${what} ${held.id}, which has another spec`,
    );
  }

  /** Ids of a study's runs, by trial. */
  ofStudy(studyId: string): ReadonlyMap<number, string> {
    return this.#byStudy.get(studyId) ?? new Map<number, string>();
  }

  evaluationsOf(runId: string): string[] {
    return [...(this.#evaluations.get(runId) ?? [])];
  }
}

/** The run that an evaluation was submitted to. */
function runIdOf(run: Extract<RunRecord | EndedRun, { kind: 'evaluation' }>): string {
  return 'evaluation' in run ? run.evaluation.runId : run.runId;
}
