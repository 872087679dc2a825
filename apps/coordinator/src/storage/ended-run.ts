import type { RunSummary } from '#contracts';
import type { EvaluationRecord, TrainingRecord } from './run-record.schema.js';

type Common = 'kind' | 'id' | 'state' | 'createdAt' | 'incarnation' | 'idempotency';

/** What memory keeps of a run that is over: what it is found, listed and counted by. Some 3 kB. */
export interface EndedTraining extends Pick<TrainingRecord, Common | 'notes' | 'study'> {
  readonly summary: RunSummary;
  /** Looked into by dotted paths; the record holds the one that is checked. */
  readonly spec: Readonly<Record<string, unknown>>;
}

interface EndedEvaluation extends Pick<EvaluationRecord, Common> {
  /** The run it was submitted to. */
  readonly runId: string;
}

/** An entry of the index of runs. A change of it makes another INDEX_VERSION. */
export type EndedRun = EndedTraining | EndedEvaluation;
