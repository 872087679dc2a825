export { submissionListSchema, submissionSchema, type Submission, type SubmissionList } from './submission.schema.js';
export { COORDINATOR_TIME_HEADER } from './coordinator-time.js';
export { classNamesOf, recordedDatasetSchema, type RecordedDataset } from './class-names.js';
export type { FineTune, InitialWeights } from './fine-tune.schema.js';
export {
  runSpecSchema,
  WIRE_FORMATS,
  type Bits,
  type RunSpec,
  type RunSpecInput,
  type WireFormat,
} from './run-spec.schema.js';
export { computesAlike, fingerprintUnder, isFast } from './compute-fingerprint.js';
export { RECIPE_NAMES } from './recipes/recipe-names.js';
export { submittedRunSchema } from './recipes/resolve-recipe.js';
export { recipeView, recipeViewSchema, type RecipeView } from './recipes/recipe-view.schema.js';
export { trainingSide } from './resizing.schema.js';
export { DECAYED_KINDS, type DecayedKind } from './optimizer.schema.js';
export { scheduleStateSchema, type ScheduleState } from './schedule.schema.js';
export {
  DATASET_KINDS,
  datasetSchema,
  orientationSchema,
  type DatasetKind,
  type DatasetSpec,
  type Orientation,
} from './dataset.schema.js';
export { ARCHITECTURES, blockTableSchema, type BlockTable } from './block-table.js';
export { completeGate, GATE_FUNCTIONS, GATE_KERNEL_SIZES, GATE_SCOPES, gateSchema, type Gate } from './gate.schema.js';
export {
  BOTTLENECK_VARIANTS,
  HEAD_INITS,
  KERNEL_INITS,
  SHORTCUT_CHOICES,
  SHORTCUT_PADDINGS,
  type ModelChoices,
  type Shortcut,
} from './model-choices.js';
export { blockTableOf, modelFaults, shortcutOf } from './model-faults.js';
export { modelSchema } from './model.schema.js';
export {
  laneSlice,
  roundPosition,
  samplesInStep,
  stepsBefore,
  stepsPerEpoch,
  totalRounds,
  totalSteps,
  type RoundKind,
  type RoundPosition,
  type TimelineNumbers,
} from './timeline.js';
export {
  evaluationResultSchema,
  protocolSchema,
  tallySchema,
  type EvaluationProtocol,
  type EvaluationResult,
  type EvaluationTally,
} from './evaluation.schema.js';
export {
  evaluationPartSchema,
  evaluationPlanSchema,
  type EvaluationPart,
  type EvaluationPlan,
} from './evaluation-plan.schema.js';
export {
  evaluationListSchema,
  evaluationRequestSchema,
  evaluationViewSchema,
  type EvaluationList,
  type EvaluationMemberRequest,
  type EvaluationRequest,
  type EvaluationRequestInput,
  type EvaluationView,
} from './evaluation-view.schema.js';
export { timelineNumbers } from './timeline-numbers.js';
export { evaluationResult, mergeTallies } from './evaluation-tally.js';
export { permutation, randomStream, type RandomStream } from './random.js';
export { migrated, NewerVersionError, type RecordVersions } from './record-version.js';
export { unreadableRecordSchema, type UnreadableRecord } from './unreadable-record.schema.js';
export { shardSchema, type Shard } from './shard.schema.js';
export {
  assignmentSchema,
  laneShareSchema,
  runPlanSchema,
  type Assignment,
  type LaneShare,
  type RunPlan,
} from './plan.schema.js';
export {
  memberPaceSchema,
  PACE_STEPS,
  PHASES,
  paceSchema,
  workerPaceSchema,
  type MemberPace,
  type Pace,
  type Phase,
  type Slowness,
  type WorkerPace,
} from './pace.schema.js';
export { slownessText } from './slowness-text.js';
export { RESTART_EXIT_CODE, WORKER_STATUSES, workerHeartbeatSchema, type WorkerHeartbeat } from './worker.schema.js';
export {
  checkpointSchema,
  evaluationSchema,
  reportSchema,
  stepMetricsSchema,
  type Checkpoint,
  type Evaluation,
  type Report,
  type StepMetrics,
  type StepTimings,
} from './report.schema.js';
export {
  ledgerPageSchema,
  problemSchema,
  runEventSchema,
  runListSchema,
  runMetricsSchema,
  runViewSchema,
  RUN_STATES,
  TERMINAL_STATES,
  type LedgerPage,
  type LedgerStep,
  type Problem,
  type RunEvent,
  type RunList,
  type RunMetrics,
  type RunState,
  type RunView,
} from './run-view.schema.js';
export { studySpecSchema, type StudyAxis, type StudySpec, type StudySpecInput } from './study.schema.js';
export {
  checkCombinations,
  combinationText,
  nameFaults,
  studyCombinations,
  studyTrials,
  type CombinationFault,
  type StudyCombination,
  type StudyFault,
  type StudyTrial,
} from './study-grid.js';
export {
  studyListSchema,
  studyTableSchema,
  studyViewSchema,
  STUDY_STATES,
  type Mean,
  type StudyList,
  type StudyState,
  type StudySummary,
  type StudyTable,
  type StudyTrialView,
  type StudyView,
  type TrialState,
} from './study-view.schema.js';
export {
  MAX_PREDICTION_BYTES,
  predictionAnswerSchema,
  predictionJobSchema,
  predictionQuerySchema,
  predictionSchema,
  type Prediction,
  type PredictionAnswer,
  type PredictionJob,
  type PredictionQuery,
  type WeightsKind,
} from './prediction.schema.js';
export {
  CHECKPOINT_MANIFEST_FILE,
  checkpointFiles,
  manifestText,
  parseManifest,
  type CheckpointManifest,
} from './checkpoint-manifest.js';
export { commitMemorySchema, type CommitMemory } from './commit-memory.schema.js';
export { CHAIN_START, chainAfter } from './ledger-chain.js';
export { EXPORT_FORMATS, type ExportFormat } from './export-format.js';
export { RecoverableError, RefusedInputError } from './errors.js';
export { printable, printableLines, printableMessage } from './printable.js';
