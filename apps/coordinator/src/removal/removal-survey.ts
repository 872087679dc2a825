import { join, relative } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { Removal, WorkerHeartbeat } from '#contracts';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import type { EvaluationRun, TrainingRun } from '../runs/live-run.js';
import { isEvaluation } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { DataFolder } from '../storage/data-folder.js';
import { folderFiles, type FolderFile } from '../storage/folder-files.js';
import type { StudyRecord } from '../storage/study-record.schema.js';
import { StudyRegistry } from '../studies/study-registry.js';
import { LiveWorkers } from '../workers/live-workers.js';

/** Finds out what deleting a run or a study comes to: what goes, what stays since others need it, and what is in the way. */
@Injectable()
export class RemovalSurvey {
  readonly #runs: RunRegistry;
  readonly #studies: StudyRegistry;
  readonly #workers: LiveWorkers;
  readonly #files: CheckpointFiles;
  readonly #dataDirectory: string;
  readonly #checkpointDirectory: string;

  constructor(
    runs: RunRegistry,
    studies: StudyRegistry,
    workers: LiveWorkers,
    folder: DataFolder,
    files: CheckpointFiles,
    @Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig,
  ) {
    this.#runs = runs;
    this.#studies = studies;
    this.#workers = workers;
    this.#files = files;
    this.#dataDirectory = folder.path;
    this.#checkpointDirectory = checkpointDirectory;
  }

  async ofRun(run: TrainingRun): Promise<Removal> {
    const study = this.#studyOf(run);
    const isOnlyRow = study !== undefined && study.state !== 'running';
    return {
      ...(await this.#ofRuns([run])),
      id: run.id,
      kind: 'run',
      name: run.record.spec.name,
      runs: [],
      losses: isOnlyRow ? [`study ${study.id} (${study.spec.name}) loses the results of this run`] : [],
      obstacles: await this.obstaclesOf(run),
    };
  }

  async ofStudy(study: StudyRecord): Promise<Removal> {
    const runs = await this.runsOf(study);
    const isRunning = study.state === 'running';
    const obstacles = await Promise.all(runs.map((run) => this.obstaclesOf(run, { studyGoes: !isRunning })));
    return {
      ...(await this.#ofRuns(runs)),
      id: study.id,
      kind: 'study',
      name: study.spec.name,
      runs: runs.map(({ id }) => id),
      losses: [],
      obstacles: isRunning ? ['it is running: cancel it, or wait until it is over'] : obstacles.flat(),
    };
  }

  /** The runs of a study that are there, by trial. */
  async runsOf(study: Pick<StudyRecord, 'id'>): Promise<TrainingRun[]> {
    const byTrial = [...this.#runs.ofStudy(study.id)].sort(([left], [right]) => left - right);
    const runs = await Promise.all(byTrial.map(([, id]) => this.#runs.findTraining(id)));
    return runs.filter((run) => run !== undefined);
  }

  /** Why a run cannot be deleted now. `studyGoes`: its study is deleted with it. */
  async obstaclesOf(run: TrainingRun, { studyGoes = false } = {}): Promise<string[]> {
    const { id } = run;
    if (!run.isOver) return [`run ${id} is ${run.record.state}: cancel it, or wait until it is over`];
    const obstacles: string[] = [];
    const study = this.#studyOf(run);
    if (!studyGoes && study?.state === 'running')
      obstacles.push(`study ${study.id} is running and waits for the results of run ${id}: cancel the study first`);
    for (const evaluation of await this.#runs.evaluationsOf(id)) {
      if (!evaluation.isOver)
        obstacles.push(
          `its evaluation ${evaluation.id} is ${evaluation.record.state}: cancel it, or wait until it is over`,
        );
    }
    const leaving = this.#serving(run);
    if (leaving.length > 0)
      obstacles.push(
        `workers are still leaving it (${leaving.map(({ workerId }) => workerId).join(', ')}): wait a moment`,
      );
    return obstacles;
  }

  /** Whether a worker has not left it yet. */
  isServed(run: TrainingRun): boolean {
    return this.#serving(run).length > 0;
  }

  #serving({ id }: TrainingRun): WorkerHeartbeat[] {
    return this.#workers.alive().filter((worker) => worker.runId === id);
  }

  #studyOf(run: TrainingRun): StudyRecord | undefined {
    const { study } = run.record;
    return study === null ? undefined : this.#studies.get(study.id);
  }

  async #ofRuns(
    runs: readonly TrainingRun[],
  ): Promise<Pick<Removal, 'freedBytes' | 'stores' | 'numCheckpoints' | 'evaluations' | 'kept'>> {
    const evaluations = (await Promise.all(runs.map(({ id }) => this.#runs.evaluationsOf(id)))).flat();
    const files: FolderFile[] = [];
    for (const { id } of [...runs, ...evaluations]) {
      files.push(...(await folderFiles(join(this.#dataDirectory, 'runs', id))));
      files.push(...(await folderFiles(join(this.#checkpointDirectory, id))));
    }
    const numGoing = new Map<string, number>();
    for (const { inode } of files) numGoing.set(inode, (numGoing.get(inode) ?? 0) + 1);
    /** Whether a file has a name besides those that go. */
    const isShared = ({ inode, numLinks }: FolderFile): boolean => numLinks > (numGoing.get(inode) ?? 0);
    const shared = files.filter(isShared);
    const users = shared.length === 0 ? new Map<string, string>() : await this.#users(evaluations);
    const kept = shared.map((file) => ({
      file: relative(this.#checkpointDirectory, file.path),
      sizeBytes: file.sizeBytes,
      usedBy: users.get(file.inode) ?? 'another run or program that shares the file',
    }));
    const own = new Map(files.filter((file) => !isShared(file)).map((file) => [file.inode, file.sizeBytes]));
    return {
      freedBytes: [...own.values()].reduce((sum, bytes) => sum + bytes, 0),
      stores: runs.flatMap(({ record }) =>
        record.spec.checkpoint.store === undefined ? [] : [this.#files.folderOf(record)],
      ),
      numCheckpoints: runs.reduce((sum, { record }) => sum + record.checkpoints.length, 0),
      evaluations: evaluations.map(({ id }) => id),
      kept,
    };
  }

  /** Who needs a file, by its inode: evaluations that are not over, but those that go as well. */
  async #users(going: readonly EvaluationRun[]): Promise<Map<string, string>> {
    const users = new Map<string, string>();
    for (const run of this.#runs.unfinished()) {
      if (!isEvaluation(run) || going.includes(run)) continue;
      const words = `evaluation ${run.id} of run ${run.record.evaluation.runId}, until it is over`;
      for (const { inode } of await folderFiles(join(this.#checkpointDirectory, run.id))) users.set(inode, words);
    }
    return users;
  }
}
