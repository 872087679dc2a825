export {
  submissionListSchema,
  submissionSchema,
  type Submission,
  type SubmissionList,
} from './api/submission.schema.js';
export {
  datasetContentSchema,
  datasetListSchema,
  datasetSamplesSchema,
  datasetSurveySchema,
  datasetVersionSchema,
  datasetViewSchema,
  newDatasetSchema,
  SURVEY_STATES,
  type DatasetContent,
  type DatasetList,
  type DatasetSamples,
  type DatasetSummary,
  type DatasetSurveyView,
  type DatasetVersion,
  type DatasetView,
  type NewDataset,
  type SurveyState,
} from './api/dataset-view.schema.js';
export { workerListSchema, type WorkerList } from './api/worker-list.schema.js';
export { checkpointNameSchema, checkpointNameTextSchema, type CheckpointName } from './api/checkpoint-name.schema.js';
export { COORDINATOR_TIME_HEADER } from './api/coordinator-time.js';
export { classNamesOf, recordedDatasetSchema, type RecordedDataset } from './records/recorded-dataset.schema.js';
export { initialWeightsSchema, type FineTune, type InitialWeights } from './run-spec/fine-tune.schema.js';
export {
  runSpecSchema,
  PRECISIONS,
  WIRE_FORMATS,
  type Bits,
  type RunSpec,
  type RunSpecInput,
  type SubmittedRun,
  type Precision,
  type WireFormat,
} from './run-spec/run-spec.schema.js';
export {
  INITIAL_VALIDATION_STATE,
  stoppedSchema,
  VALIDATION_FIGURES,
  validationStateSchema,
  type BestEvaluation,
  type Stopped,
  type StopWhen,
  type ValidationFigure,
  type ValidationState,
} from './run-spec/stop-when.schema.js';
export { isStopOfEpoch } from './run-spec/stop-causes.js';
export { computesAlike, fingerprintUnder, isFast, withBits } from './messages/compute-fingerprint.js';
export { RECIPE_NAMES } from './recipes/recipe-names.js';
export { namingSpecSchema, submittedRunSchema } from './recipes/resolve-recipe.js';
export { recipeView, recipeViewSchema, type RecipeView } from './recipes/recipe-view.schema.js';
export { trainingSide } from './run-spec/resizing.schema.js';
export { PARAMETER_KINDS, type ParameterKind } from './optimizers/common-fields.js';
export { chosenOptimizer, OPTIMIZERS, optimizerSchema, type OptimizerSettings } from './optimizers/table.js';
export type { Operand, StepNumbers, UpdateOperations, UpdateRule } from './optimizers/update-rule.js';
export { scheduleStateSchema, type ScheduleState } from './run-spec/schedule.schema.js';
export {
  augmentationSchema,
  DATASET_KINDS,
  datasetSchema,
  orientationSchema,
  type DatasetKind,
  datasetSplitSchema,
  type DatasetSpec,
  type DatasetSplit,
  type NamedDataset,
  type Orientation,
  type SubmittedDataset,
} from './run-spec/dataset.schema.js';
export {
  datasetNameSchema,
  datasetReferenceOf,
  parseDatasetReference,
  type DatasetReference,
} from './run-spec/dataset-reference.js';
export { ARCHITECTURES, blockTableSchema, type BlockTable } from './run-spec/block-table.js';
export {
  completeGate,
  GATE_FUNCTIONS,
  GATE_KERNEL_SIZES,
  GATE_SCOPES,
  gateSchema,
  type Gate,
} from './run-spec/gate.schema.js';
export {
  BOTTLENECK_VARIANTS,
  HEAD_INITS,
  KERNEL_INITS,
  SHORTCUT_CHOICES,
  SHORTCUT_PADDINGS,
  type ModelChoices,
  type Shortcut,
} from './run-spec/model-choices.js';
export { blockTableOf, modelFaults, shortcutOf } from './run-spec/model-faults.js';
export { modelSchema } from './run-spec/model.schema.js';
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
} from './timeline/timeline.js';
export {
  evaluationResultSchema,
  protocolSchema,
  tallySchema,
  type EvaluationProtocol,
  type EvaluationResult,
  type EvaluationTally,
} from './messages/evaluation.schema.js';
export {
  evaluationListSchema,
  evaluationRequestSchema,
  evaluationViewSchema,
  type EvaluationList,
  type EnsembleModelRequest,
  type EvaluationRequest,
  type EvaluationRequestInput,
  type EvaluationView,
} from './api/evaluation-view.schema.js';
export {
  evaluationTimeline,
  numRoundsOf,
  partSlice,
  timelineOf,
  trainingTimeline,
  type EvaluationTimeline,
  type Timeline,
  type TrainingTimeline,
} from './timeline/plan-timeline.js';
export { evaluationResult, mergeTallies } from './messages/evaluation-tally.js';
export { permutation, randomStream, type RandomStream } from './timeline/random.js';
export { migrated, NewerVersionError, type RecordVersions } from './records/record-version.js';
export { unreadableRecordSchema, type UnreadableRecord } from './records/unreadable-record.schema.js';
export { shardSchema, type Shard } from './messages/shard.schema.js';
export {
  assignmentSchema,
  evaluationPartSchema,
  evaluationTaskSchema,
  laneShareSchema,
  runPlanSchema,
  runStartSchema,
  type Assignment,
  type EvaluationPart,
  type EvaluationPlan,
  type EvaluationTask,
  type LaneShare,
  type RunPlan,
  type RunStart,
  type TrainingPlan,
} from './messages/plan.schema.js';
export {
  participantTimesSchema,
  STRAGGLER_STEPS,
  PHASES,
  roundTimesSchema,
  workerTimesSchema,
  type ParticipantTimes,
  type RoundTimes,
  type Phase,
  type Slowness,
  type WorkerTimes,
} from './messages/straggler-report.schema.js';
export { shardCacheSchema, type ShardCacheState } from './messages/shard-cache.schema.js';
export { FILES_OF_KIND } from './messages/files-of-kind.js';
export { slownessText } from './messages/slowness-text.js';
export { PROCESS_EXITS_FILE, processExitsSchema, type ProcessExits } from './messages/process-exits.schema.js';
export {
  RESTART_EXIT_CODE,
  WORKER_STATUSES,
  workerHeartbeatSchema,
  type WorkerHeartbeat,
} from './messages/worker.schema.js';
export {
  checkpointSchema,
  evaluationSchema,
  reportSchema,
  stepMetricsSchema,
  type Checkpoint,
  type Evaluation,
  type Report,
  type ReportOrigin,
  type StepMetrics,
  type StepTimings,
} from './messages/report.schema.js';
export { runMetricsSchema, type MetricsStretch, type RunMetrics } from './api/run-metrics.schema.js';
export {
  ledgerPageSchema,
  problemSchema,
  runViewSchema,
  shownCheckpointSchema,
  type LedgerPage,
  type LedgerStep,
  type Problem,
  type RunView,
  type ShownCheckpoint,
} from './api/run-view.schema.js';
export { MAX_SHOWN_WARNINGS, runEventSchema, type RunEvent } from './api/run-event.schema.js';
export {
  faultSchema,
  HEALTH_STATUSES,
  healthSchema,
  type Fault,
  type Health,
  type HealthStatus,
} from './api/health.schema.js';
export { logListSchema, logTailSchema, MAX_LOG_LINES, type LogList, type LogTail } from './api/logs.schema.js';
export { RUN_STATES, TERMINAL_STATES, type RunState } from './api/run-states.js';
export { notesSchema, tagSchema, tagsSchema } from './api/run-labels.schema.js';
export { runChangesSchema, type RunChanges } from './api/run-changes.schema.js';
export {
  cloneRequestSchema,
  originSchema,
  type CloneRequest,
  type CloneRequestInput,
  type Origin,
} from './api/clone.schema.js';
export { removalSchema, type Removal } from './api/removal.schema.js';
export { KEEP_TAG, retentionSchema, type DueRun, type RetentionView } from './api/retention.schema.js';
export { isObject, mergePatch } from './json/merge-patch.js';
export { MAX_RUN_NAME } from './run-spec/run-name.schema.js';
export {
  RUN_SORTS,
  runListSchema,
  runSummary,
  runSummarySchema,
  type RunList,
  type RunSort,
  type RunSummary,
} from './api/run-list.schema.js';
export { studySpecSchema, type StudyAxis, type StudySpec, type StudySpecInput } from './study/study.schema.js';
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
} from './study/study-grid.js';
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
} from './study/study-view.schema.js';
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
} from './api/prediction.schema.js';
export {
  CHECKPOINT_FILES,
  CHECKPOINT_MANIFEST_FILE,
  checkpointFiles,
  checkpointFolder,
  manifestText,
  parseManifest,
  slotFile,
  type CheckpointManifest,
  type CommitMemory,
} from './records/checkpoint-manifest.js';
export { replicaMemorySchema } from './messages/replica-memory.schema.js';
export { areComparable, CHAIN_START, chainAfter } from './timeline/ledger-chain.js';
export { EXPORT_FORMAT_NAMES, EXPORT_FORMATS, type ExportFormat } from './api/export-format.js';
export { NotFiniteError, RecoverableError, RefusedInputError, RunFaultError } from './errors.js';
export { IMAGE_MEDIA_TYPES } from './api/image-media-types.js';
export { printable, printableLines, printableMessage } from './text/printable.js';
export { median } from './median.js';
export { addressIn, isRemote, parseLocation, type Location } from './run-spec/location.js';
