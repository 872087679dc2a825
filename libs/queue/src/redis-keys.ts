/** Every name Skiplane uses in Redis, in one place. Nothing here holds tensors. */
export const REDIS_KEYS = {
  /** String with a time to live: the coordinator that works on this Redis. */
  coordinator: 'skiplane:coordinator',
  /** Hash: workerId -> Assignment. */
  assignments: 'skiplane:assignments',
  /** String: RunPlan. */
  plan: (runId: string) => `skiplane:plan:${runId}`,
  /** Strings with a time to live: the index of a data set by its `indexKey`, in pieces; how many there are. */
  index: (name: string) => `skiplane:index:${name}`,
  indexPiece: (name: string, piece: number) => `skiplane:index:${name}:${piece}`,
  /** String with a time to live: WorkerHeartbeat. */
  worker: (workerId: string) => `skiplane:worker:${workerId}`,
  /** String with a time to live: which worker computes on the GPU of that UUID. */
  device: (uuid: string) => `skiplane:gpu:${uuid}`,
  workerPattern: 'skiplane:worker:*',
  /** Stream: Report, in the field `json`. */
  reports: 'skiplane:reports',
  /** String: id in the stream of reports; what was before it has been read and thrown away. */
  reportsForgotten: 'skiplane:reports:forgotten',
  /** Never there: what is written to it only shows whether the server takes writes. */
  nothing: 'skiplane:nothing',
  /** Channel: a nudge to read assignments and plans again; the message is the name of what changed. */
  notify: 'skiplane:notify',
  /** Prefix of BullMQ's own keys. */
  queuePrefix: 'skiplane-queue',
  /** BullMQ queue: PredictionJob, for whichever worker is the first. */
  predictionsQueue: 'predictions',
  queueName: (runId: string, incarnation: number) => `run-${runId}-${incarnation}`,
} as const;

/** Time to live of a heartbeat, a worker's or the coordinator's; it is written every second. */
export const WORKER_TTL_MS = 5_000;
